// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_reader.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace virt {

const FactsReader::Call* FactsReader::reading() const {
  const auto call = std::find_if(calls_.begin(), calls_.end(), [](const Call& other) { return !other.is_late; });
  return call == calls_.end() ? nullptr : &*call;
}

void FactsReader::begin_read(const FactsCache::Uuids& changed, Time now) {
  now_ = now;
  tend(now);
  cache_.outdate(changed, now);
}

void FactsReader::begin(std::vector<Domain>& domains) {
  FactsCache::Uuids out;
  for (const Call& call : calls_) {
    keep(call);
    for (std::string& uuid : call.xml->open()) out.insert(std::move(uuid));
  }
  auto wanted = cache_.choose(domains, out, now_);
  if (!reading()) start(std::move(wanted), now_);  // else what is wanted comes again
}

FactsReader::Time FactsReader::wake(Time now) const {
  const Call* call = reading();
  const auto since = call != nullptr ? call->xml->since() : std::nullopt;
  return since.value_or(now) + std::chrono::duration_cast<Time::duration>(options_.patience);
}

void FactsReader::tend(Time now) {
  for (Call& call : calls_) {
    const auto since = call.xml->since();
    if (call.is_late || !since || now - *since < options_.patience) continue;
    call.is_late = true;
    const Time asked = call.asked;  // start() may move the calls
    return start(call.xml->leave(), asked);
  }
}

void FactsReader::give(std::vector<Domain>& domains) {
  for (const Call& call : calls_) keep(call);
  cache_.give(domains);
}

void FactsReader::outdate_all(Time now) {
  cache_.outdate_all(now);
  drop_lane();
}

void FactsReader::start(std::vector<WantedXml> wanted, Time asked) {
  if (wanted.empty() || calls_.size() >= kCalls) return;
  const auto xml = std::make_shared<XmlCall>(
      lane_ ? std::exchange(lane_, nullptr) : std::make_shared<XmlLane>(options_.uri), std::move(wanted));
  try {
    means_.threads.run([xml, kind = means_.kinds.xml] { xml->run(*kind); },
                       [this, xml, inbox = means_.inbox] { inbox->post([this, xml] { finish(xml); }); });
    calls_.push_back({xml, asked});
  } catch (const std::system_error& error) {  // no thread is to be had
    means_.log.problem("XML of domains", error.what());
  }
}

void FactsReader::keep(const Call& call) {
  for (FoundXml& found : call.xml->take()) {
    const std::string subject = "XML of domain " + found.uuid;
    if (found.error.empty())
      means_.log.no_problem(subject, "can be read again");
    else
      means_.log.problem(subject, found.error);
    cache_.put(std::move(found), call.asked);
  }
}

void FactsReader::finish(const std::shared_ptr<XmlCall>& xml) {
  const auto call = std::find_if(calls_.begin(), calls_.end(), [&](const Call& other) { return other.xml == xml; });
  keep(*call);
  calls_.erase(call);
  if (!xml->lane()) return means_.log.problem("XML of domains", xml->error());
  means_.log.no_problem("XML of domains", "can be read again");
  drop_lane();
  lane_ = xml->lane();
}

void FactsReader::drop_lane() {
  if (lane_) means_.threads.discard(std::move(lane_));
}

}  // namespace virt
