// SPDX-License-Identifier: Apache-2.0
// A connection over which the XML of domains is read.
#ifndef VIRT_EXPORTER_LIBVIRT_XML_CONNECTION_H_
#define VIRT_EXPORTER_LIBVIRT_XML_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {

// A domain whose XML shall be read.
struct WantedXml {
  std::string uuid, name;
  std::optional<std::size_t> known;  // hash of the XML that is known: if that is still the same, it is not parsed again
  unsigned attempts = 0;             // at which it was held

  const std::string& key() const { return uuid; }
};

struct FoundXml {
  std::string uuid;
  std::shared_ptr<const DomainFacts> facts = {};  // null where the XML is still the known one, or could not be read
  std::size_t hash = 0;
  std::string error = {};  // why it could not be read; empty for a domain that vanished
};

// See PartCall. One thread at a time.
class XmlConnection {
 public:
  using Wanted = WantedXml;
  using Found = FoundXml;

  explicit XmlConnection(std::string uri) : uri_(std::move(uri)) {}

  void open();
  // A domain that another call holds for a moment is to be read again; one that is held for long is passed over. Throws
  // LibvirtError if the connection is lost.
  Reply<WantedXml, FoundXml> read(WantedXml wanted);

 private:
  enum class Hold { kNone, kForAMoment, kForLong };
  // Whether another call holds the domain. Since libvirt 11.0 reading XML waits for such a call, up to 30 s; of an
  // older libvirt this is not asked. Takes no job.
  Hold hold(const WantedXml& wanted);
  // Nothing if the domain is held after all.
  std::optional<FoundXml> read_free(const WantedXml& wanted);
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

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_XML_CONNECTION_H_
