// SPDX-License-Identifier: Apache-2.0
// One call that reads the XML of domains, one domain after the other.
#ifndef VIRT_EXPORTER_LIBVIRT_XML_CALL_H_
#define VIRT_EXPORTER_LIBVIRT_XML_CALL_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {

// A domain whose XML shall be read.
struct WantedXml {
  std::string uuid, name;
  std::optional<std::size_t> known;  // hash of the XML that is known: if that is still the same, it is not parsed again
  unsigned attempts = 0;             // at which it was held
};

struct FoundXml {
  std::string uuid;
  std::shared_ptr<const DomainFacts> facts = {};  // null where the XML is still the known one, or could not be read
  std::size_t hash = 0;
  std::string error = {};  // why it could not be read; empty for a domain that vanished
};

// A connection over which XML is read. One thread at a time. Each function may hang, and throws LibvirtError if the
// connection is lost.
class XmlLane {
 public:
  explicit XmlLane(std::string uri) : uri_(std::move(uri)) {}

  // Connects if need be, and finds the domains.
  void open(const std::vector<std::string>& uuids);

  enum class Hold { kNone, kForAMoment, kForLong };
  // Whether another call holds the domain. Since libvirt 11.0 reading XML waits for such a call, up to 30 s; of an
  // older libvirt this is not asked. Takes no job.
  Hold hold(const WantedXml& wanted);

  // Nothing if the domain is held after all.
  std::optional<FoundXml> read(const WantedXml& wanted);

 private:
  // Null if it is not there. Lives until the next call.
  virDomainPtr find(const WantedXml& wanted);

  const std::string uri_;
  Connection connection_;
  KnownDomains domains_;  // of the connection
  bool waits_for_jobs_ = false;
  // Each connection to libvirt's test driver has a host of its own, whose domains may have other UUIDs than those of
  // the same names elsewhere.
  bool has_own_domains_ = false;
  DomainHandle named_;
};

// A late call is left behind at the domain in which it hangs, and another one reads the rest. Run once, on a thread of
// its own; the other functions are for any thread, and never wait.
class XmlCall {
 public:
  using Clock = std::chrono::steady_clock;

  XmlCall(std::shared_ptr<XmlLane> lane, std::vector<WantedXml> wanted)
      : lane_(std::move(lane)), wanted_(wanted.begin(), wanted.end()) {}

  // Reads until nothing is left. A domain that is held for a moment is asked again, one that is held for long is passed
  // over. Does not throw.
  void run(CallKind& kind);

  // What was found since the last time.
  std::vector<FoundXml> take();
  // The domains that it has still to read, with the one that it is reading.
  std::vector<std::string> open() const;
  // Since when it is reading the same domain; nothing while it connects.
  std::optional<Clock::time_point> since() const;
  // Takes the domains behind that one away from it.
  std::vector<WantedXml> leave();

  // After run(): the lane, for the next call, or null and why it is of no use any more.
  const std::shared_ptr<XmlLane>& lane() const { return lane_; }
  const std::string& error() const { return error_; }

 private:
  std::optional<WantedXml> next();
  void read(WantedXml wanted);

  // Changed by run().
  std::shared_ptr<XmlLane> lane_;
  std::string error_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<WantedXml> wanted_;
  std::string current_;
  std::optional<Clock::time_point> since_;
  std::vector<FoundXml> found_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_XML_CALL_H_
