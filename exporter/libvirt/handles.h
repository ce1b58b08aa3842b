// SPDX-License-Identifier: Apache-2.0
// Owners of libvirt's handles, and its errors as exceptions.
#ifndef VIRT_EXPORTER_LIBVIRT_HANDLES_H_
#define VIRT_EXPORTER_LIBVIRT_HANDLES_H_

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace virt {

template <auto kFree>
struct Freer {
  template <typename Handle>
  void operator()(Handle* handle) const {
    kFree(handle);
  }
};

using Connection = std::unique_ptr<virConnect, Freer<virConnectClose>>;
using DomainHandle = std::unique_ptr<virDomain, Freer<virDomainFree>>;
using LibvirtText = std::unique_ptr<char, Freer<std::free>>;

// The last error of this thread's libvirt call.
class LibvirtError : public std::runtime_error {
 public:
  explicit LibvirtError(const std::string& what_failed);
  virErrorNumber code() const { return code_; }

 private:
  virErrorNumber code_;
};

// Nearly all calls with a domain's handle print its UUID for libvirt's log, whether that is written or not, and that
// takes a microsecond: all but virDomainGetName.
std::string uuid_of(virDomainPtr domain);

// The UUIDs of domains that run, of one connection. One thread at a time.
class KnownUuids {
 public:
  // `id` is libvirt's number of this run of the domain `name`, or kNoId. For as long as the connection lasts it is
  // no other run's.
  std::string of(virDomainPtr domain, const std::string& name, unsigned id);

  // There are so many domains: if far more are known, all are forgotten.
  void trim(std::size_t domains);

  static constexpr unsigned kNoId = static_cast<unsigned>(-1);  // it does not run

 private:
  struct Known {
    unsigned id;
    std::string uuid;
  };
  std::unordered_map<std::string, Known> known_;  // by name
};

// The domains, active or not, for which `flags` (virConnectListAllDomainsFlags) hold; 0 = all. Nothing if
// the call fails; LibvirtError then knows why.
std::optional<std::vector<DomainHandle>> find_domains(virConnectPtr connection, unsigned flags);

// The handles of a connection's domains, which are found once and kept. Each is found by its UUID alone: libvirt's list
// of all domains waits for every one of them. One thread at a time.
class KnownDomains {
 public:
  // Those of `uuids`, in their order; null for one that is not there. Throws LibvirtError if the connection is lost.
  // The handles live until they are forgotten, or the next call.
  std::vector<virDomainPtr> find(virConnectPtr connection, const std::vector<std::string>& uuids);
  // The same of one.
  virDomainPtr find_one(virConnectPtr connection, const std::string& uuid);

  // It turned out not to be there any more.
  void forget(const std::string& uuid) { handles_.erase(uuid); }
  void clear() { handles_.clear(); }

 private:
  void trim();
  virDomainPtr look_up(virConnectPtr connection, const std::string& uuid);

  std::unordered_map<std::string, DomainHandle> handles_;  // by UUID
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_HANDLES_H_
