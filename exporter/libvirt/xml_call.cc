// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/xml_call.h"

#include <spdlog/spdlog.h>

#include <functional>
#include <iterator>
#include <string_view>
#include <thread>

#include "exporter/libvirt/connect.h"
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

// ---- XmlLane -----------------------------------------------------------------------------------------------

void XmlLane::open(const std::vector<std::string>& uuids) {
  if (!connection_ || virConnectIsAlive(connection_.get()) != 1) {
    domains_.clear();
    connection_ = connect(uri_);
    unsigned long version = 0;
    waits_for_jobs_ = virConnectGetLibVersion(connection_.get(), &version) < 0 || version >= kXmlTakesJob;
    const char* const driver = virConnectGetType(connection_.get());
    has_own_domains_ = driver != nullptr && std::string_view{driver} == "TEST";
  }
  domains_.find(connection_.get(), uuids);
}

virDomainPtr XmlLane::find(const WantedXml& wanted) {
  virDomainPtr domain = domains_.known(wanted.uuid);
  if (domain != nullptr || !has_own_domains_) return domain;
  named_.reset(virDomainLookupByName(connection_.get(), wanted.name.c_str()));
  return named_.get();
}

XmlLane::Hold XmlLane::hold(const WantedXml& wanted) {
  virDomainPtr domain = waits_for_jobs_ ? find(wanted) : nullptr;
  virDomainControlInfo control{};
  if (domain == nullptr || virDomainGetControlInfo(domain, &control, 0) < 0) return Hold::kNone;
  if (is_between(control)) return Hold::kForAMoment;
  if (control.state != VIR_DOMAIN_CONTROL_OCCUPIED) return Hold::kNone;
  return std::chrono::milliseconds{control.stateTime} > kMoment ? Hold::kForLong : Hold::kForAMoment;
}

std::optional<FoundXml> XmlLane::read(const WantedXml& wanted) {
  virDomainPtr domain = find(wanted);
  if (domain == nullptr) return FoundXml{wanted.uuid};
  const LibvirtText xml{virDomainGetXMLDesc(domain, 0)};
  if (xml) return parse(wanted, xml.get());
  const LibvirtError error{"cannot read it"};
  if (virConnectIsAlive(connection_.get()) != 1) throw error;
  if (error.code() == VIR_ERR_OPERATION_TIMEOUT) return std::nullopt;
  FoundXml found{wanted.uuid};
  if (error.code() != VIR_ERR_NO_DOMAIN) found.error = error.what();
  return found;
}

// ---- XmlCall -----------------------------------------------------------------------------------------------

void XmlCall::run(CallKind& kind) {
  try {
    const TimedCall timed{kind};
    lane_->open(open());
    while (auto wanted = next()) read(*std::move(wanted));
  } catch (const std::exception& error) {
    error_ = error.what();
    lane_ = nullptr;  // closing it may hang
  }
  const std::lock_guard lock{mutex_};
  since_.reset();
  current_.clear();
}

std::optional<WantedXml> XmlCall::next() {
  const std::lock_guard lock{mutex_};
  if (wanted_.empty()) return std::nullopt;
  WantedXml wanted = std::move(wanted_.front());
  wanted_.pop_front();
  current_ = wanted.uuid;
  since_ = Clock::now();
  return wanted;
}

void XmlCall::read(WantedXml wanted) {
  if (wanted.attempts > 0) std::this_thread::sleep_for(kPause);  // others went before
  const XmlLane::Hold hold = lane_->hold(wanted);
  auto found = hold == XmlLane::Hold::kNone ? lane_->read(wanted) : std::nullopt;
  const std::lock_guard lock{mutex_};
  if (found)
    found_.push_back(*std::move(found));
  else if (hold == XmlLane::Hold::kForAMoment && ++wanted.attempts < kAttempts)
    wanted_.push_back(std::move(wanted));
}

std::vector<FoundXml> XmlCall::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(found_, {});
}

std::vector<std::string> XmlCall::open() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> open;
  if (!current_.empty()) open.push_back(current_);
  for (const WantedXml& wanted : wanted_) open.push_back(wanted.uuid);
  return open;
}

std::optional<XmlCall::Clock::time_point> XmlCall::since() const {
  const std::lock_guard lock{mutex_};
  return since_;
}

std::vector<WantedXml> XmlCall::leave() {
  const std::lock_guard lock{mutex_};
  std::vector<WantedXml> rest{std::make_move_iterator(wanted_.begin()), std::make_move_iterator(wanted_.end())};
  wanted_.clear();
  return rest;
}

}  // namespace virt
