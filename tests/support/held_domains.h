// SPDX-License-Identifier: Apache-2.0
// Domains as libvirt 11 and later treat those that another call holds: to read their XML waits.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_HELD_DOMAINS_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_HELD_DOMAINS_H_

#include <set>
#include <string>

namespace virt {

// For as long as it lives, in this process: calls for the XML of these domains, by name, hang until release(), and then
// fail as after libvirt's 30 s. One at a time.
class HeldDomains {
 public:
  explicit HeldDomains(std::set<std::string> names);
  ~HeldDomains();  // releases them, and waits for the calls that hang
  HeldDomains(const HeldDomains&) = delete;
  HeldDomains& operator=(const HeldDomains&) = delete;

  // virDomainGetControlInfo tells that they have been held for so long; without this it is as of a domain that is free.
  void tell(unsigned milliseconds);
  // From now on they are locked whole, as while their start hangs in a hook: so do calls for the list of domains, and
  // those that look them up by their UUID, which is uuid_for() their name.
  void lock();
  void hold(const std::string& name);  // one more
  void release();
  void release(const std::string& name);  // one of them

  int hanging() const;  // calls
  int calls() const;    // for XML, of any domain
  void wait_for_hanging(int calls) const;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_HELD_DOMAINS_H_
