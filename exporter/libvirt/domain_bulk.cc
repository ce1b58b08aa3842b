// SPDX-License-Identifier: Apache-2.0
// Statistics of all domains in one call; for drivers that have it: QEMU.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "exporter/keys.h"
#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/statistics_groups.h"
#include "exporter/values_builder.h"

namespace virt {
namespace {

unsigned libvirt_flags(Groups groups) {
  const bool backing_chain = (groups & Group::kBackingChain) != 0;
  return VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | (backing_chain ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING : 0u);
}

// What a call gave. Throws LibvirtError if that was an error.
class Records {
 public:
  Records(virDomainStatsRecordPtr* records, int count)
      : owner_(records, virDomainStatsRecordListFree), count_(count < 0 ? 0 : static_cast<std::size_t>(count)) {
    if (count < 0) throw LibvirtError("cannot read domain statistics");
  }

  std::span<const virDomainStatsRecordPtr> all() const { return {owner_.get(), count_}; }
  // The record's handle, which holds all records.
  std::shared_ptr<virDomain> handle(const virDomainStatsRecord& record) const { return {owner_, record.dom}; }

 private:
  const std::shared_ptr<virDomainStatsRecordPtr> owner_;
  const std::size_t count_;
};

bool is_measured(const Stats& stats) {
  if (stats.number("balloon.rss")) return true;
  const auto disks = stats.group("block");
  return std::any_of(disks.begin(), disks.end(), [](const Record& disk) { return disk.number("rd.reqs").has_value(); });
}

Statistics to_statistics(const virDomainStatsRecord& record) {
  Statistics domain{true, to_stats(record.params, record.nparams)};
  domain.is_whole = is_measured(domain.stats) || !is_active(record.dom);
  return domain;
}

// Which of the domains that were asked a record is of. libvirt keeps their order and leaves out those that vanished.
class Order {
 public:
  Order(const std::vector<virDomainPtr>& asked, std::size_t records)
      : asked_(asked), is_complete_(asked.size() == records) {}

  // The position of the next record's. Its name tells as much as its UUID where nobody is missing, and is quicker.
  std::size_t next(virDomainPtr domain) {
    const bool is_expected = is_complete_ && std::strcmp(virDomainGetName(asked_[at_]), virDomainGetName(domain)) == 0;
    const std::size_t position = is_expected ? at_ : find(domain);
    at_ = (position + 1) % asked_.size();
    return position;
  }

 private:
  // Looks first behind the last one.
  std::size_t find(virDomainPtr domain) const {
    const std::string uuid = uuid_of(domain);
    std::size_t position = at_;
    while (uuid_of(asked_[position]) != uuid) {
      position = (position + 1) % asked_.size();
      if (position == at_) throw LibvirtError("libvirt returned a domain that was not requested");
    }
    return position;
  }

  const std::vector<virDomainPtr>& asked_;
  const bool is_complete_;
  std::size_t at_ = 0;
};

bool is_number(const virTypedParameter& parameter) {
  return parameter.type >= VIR_TYPED_PARAM_INT && parameter.type <= VIR_TYPED_PARAM_BOOLEAN;
}

std::vector<Reading> to_readings(const Records& records, KnownUuids& uuids) {
  std::vector<Reading> readings;
  readings.reserve(records.all().size());
  for (const virDomainStatsRecord* record : records.all()) {
    Reading& reading = readings.emplace_back(Reading{records.handle(*record), identify(record->dom, uuids)});
    reading.domain.stats = to_stats(record->params, record->nparams);
  }
  return readings;
}

}  // namespace

Stats to_stats(virTypedParameterPtr parameters, int count) {
  const std::span all{parameters, static_cast<std::size_t>(count)};
  ValuesBuilder stats{KeyPool::instance().share(static_cast<Keys::Position>(count), [&](Keys::Position i) {
    return Keys::Key{all[i].field, is_number(all[i])};
  })};
  for (const virTypedParameter& parameter : all) {
    switch (parameter.type) {
      case VIR_TYPED_PARAM_INT: stats.add(parameter.value.i); break;
      case VIR_TYPED_PARAM_UINT: stats.add(parameter.value.ui); break;
      case VIR_TYPED_PARAM_LLONG: stats.add(static_cast<double>(parameter.value.l)); break;
      case VIR_TYPED_PARAM_ULLONG: stats.add(static_cast<double>(parameter.value.ul)); break;
      case VIR_TYPED_PARAM_DOUBLE: stats.add(parameter.value.d); break;
      case VIR_TYPED_PARAM_BOOLEAN: stats.add(parameter.value.b != 0 ? 1.0 : 0.0); break;
      case VIR_TYPED_PARAM_STRING: stats.add(std::string_view{parameter.value.s}); break;
      default: stats.add(std::string_view{}); break;  // of a libvirt to come
    }
  }
  return stats.build();
}

Stats to_stats(const std::vector<std::pair<const char*, double>>& numbers) {
  ValuesBuilder stats{KeyPool::instance().share(static_cast<Keys::Position>(numbers.size()), [&](Keys::Position i) {
    return Keys::Key{numbers[i].first, true};
  })};
  for (const auto& [key, number] : numbers) stats.add(number);
  return stats.build();
}

std::vector<Reading> read_bulk(virConnectPtr connection, Groups groups, KnownUuids& uuids) {
  virDomainStatsRecordPtr* list = nullptr;
  const int count =
      virConnectGetAllDomainStats(connection, libvirt_groups(groups | Group::kState), &list, libvirt_flags(groups));
  auto readings = to_readings({list, count}, uuids);
  uuids.trim(readings.size());
  return readings;
}

std::vector<Reading> read_some(const std::vector<virDomainPtr>& domains, Groups groups, KnownUuids& uuids) {
  std::vector<virDomainPtr> asked;
  std::copy_if(domains.begin(), domains.end(), std::back_inserter(asked),
               [](virDomainPtr one) { return one != nullptr; });
  if (asked.empty()) return {};
  asked.push_back(nullptr);
  virDomainStatsRecordPtr* list = nullptr;
  const int count =
      virDomainListGetStats(asked.data(), libvirt_groups(groups | Group::kState), &list, libvirt_flags(groups));
  return to_readings({list, count}, uuids);
}

Answers read_batch(const std::vector<virDomainPtr>& domains, Groups groups) {
  Answers answers(domains.size());
  std::vector<virDomainPtr> asked;
  std::vector<std::size_t> places;  // among `domains`
  for (std::size_t i = 0; i < domains.size(); ++i) {
    if (domains[i] == nullptr) continue;
    asked.push_back(domains[i]);
    places.push_back(i);
  }
  if (asked.empty()) return answers;
  asked.push_back(nullptr);
  virDomainStatsRecordPtr* list = nullptr;
  const int count = virDomainListGetStats(asked.data(), libvirt_groups(groups), &list, libvirt_flags(groups));
  const Records records{list, count};
  asked.pop_back();
  Order order{asked, records.all().size()};
  for (const virDomainStatsRecord* record : records.all())
    answers[places[order.next(record->dom)]] = to_statistics(*record);
  return answers;
}

}  // namespace virt
