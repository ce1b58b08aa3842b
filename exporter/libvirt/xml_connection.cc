// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/xml_connection.h"

#include <spdlog/spdlog.h>

#include <functional>
#include <string_view>
#include <thread>

#include "exporter/libvirt/connection.h"
#include "exporter/libvirt/domain_xml.h"
#include "exporter/process/log.h"

namespace virt {
namespace {

constexpr unsigned long kXmlTakesJob = 11'000'000;  // libvirt 11.0.0

// Calls to a monitor that answers take less.
constexpr std::chrono::milliseconds kMoment{400}, kPause{20};
constexpr unsigned kAttempts = kMoment / kPause;

// A job that is not at the monitor: between two commands, say.
bool is_between(const virDomainControlInfo& control) {
  return control.state == VIR_DOMAIN_CONTROL_ERROR && control.details == VIR_DOMAIN_CONTROL_ERROR_REASON_INTERNAL;
}

FoundXml parse(const WantedXml& wanted, std::string_view xml) {
  FoundXml found{wanted.uuid};
  found.hash = std::hash<std::string_view>{}(xml);
  if (wanted.known == found.hash) return found;
  std::vector<std::string> problems;
  found.facts = std::make_shared<const DomainFacts>(parse_domain_xml(xml, problems));
  for (const std::string& problem : problems) spdlog::warn("domain {}: {}", in_quotes(wanted.name), problem);
  return found;
}

}  // namespace

void XmlConnection::open() {
  if (!keep_open(uri_, connection_)) return;
  domains_.clear();
  unsigned long version = 0;
  waits_for_jobs_ = virConnectGetLibVersion(connection_.get(), &version) < 0 || version >= kXmlTakesJob;
  const char* const driver = virConnectGetType(connection_.get());
  has_own_domains_ = driver != nullptr && std::string_view{driver} == "TEST";
}

virDomainPtr XmlConnection::find(const WantedXml& wanted) {
  virDomainPtr domain = domains_.find_one(connection_.get(), wanted.uuid);
  if (domain != nullptr || !has_own_domains_) return domain;
  named_.reset(virDomainLookupByName(connection_.get(), wanted.name.c_str()));
  return named_.get();
}

XmlConnection::Hold XmlConnection::hold(const WantedXml& wanted) {
  virDomainPtr domain = waits_for_jobs_ ? find(wanted) : nullptr;
  virDomainControlInfo control{};
  if (domain == nullptr || virDomainGetControlInfo(domain, &control, 0) < 0) return Hold::kNone;
  if (is_between(control)) return Hold::kForAMoment;
  if (control.state != VIR_DOMAIN_CONTROL_OCCUPIED) return Hold::kNone;
  return std::chrono::milliseconds{control.stateTime} > kMoment ? Hold::kForLong : Hold::kForAMoment;
}

std::optional<FoundXml> XmlConnection::read_free(const WantedXml& wanted) {
  virDomainPtr domain = find(wanted);
  if (domain == nullptr) return FoundXml{wanted.uuid};
  const LibvirtText xml{virDomainGetXMLDesc(domain, 0)};
  if (xml) return parse(wanted, xml.get());
  const LibvirtError error{"cannot read it"};
  if (virConnectIsAlive(connection_.get()) != 1) throw error;
  if (error.code() == VIR_ERR_OPERATION_TIMEOUT) return std::nullopt;
  FoundXml found{wanted.uuid};
  if (error.code() == VIR_ERR_NO_DOMAIN)
    domains_.forget(wanted.uuid);
  else
    found.error = error.what();
  return found;
}

Reply<WantedXml, FoundXml> XmlConnection::read(WantedXml wanted) {
  if (wanted.attempts > 0) std::this_thread::sleep_for(kPause);  // others went before
  const Hold held = hold(wanted);
  if (held == Hold::kNone) return {read_free(wanted)};
  if (held == Hold::kForLong || ++wanted.attempts >= kAttempts) return {};
  Reply<WantedXml, FoundXml> again;
  again.more.push_back(std::move(wanted));
  return again;
}

}  // namespace virt
