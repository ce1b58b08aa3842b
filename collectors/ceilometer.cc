// SPDX-License-Identifier: Apache-2.0
#include "collectors/ceilometer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

namespace virt::ceilometer {
namespace {

std::string hex_sha224(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha224(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string joined(const std::string& display_name, const std::string& name) {
  return display_name.empty() ? name : display_name + ":" + name;
}

// The n-th part of a name with dots; empty if it has fewer.
std::string_view part_of(std::string_view name, int n) {
  for (; n > 0; --n) name.remove_prefix(std::min(name.find('.'), name.size() - 1) + 1);
  return name.substr(0, name.find('.'));
}

}  // namespace

std::vector<Meters> meters_of(std::span<const Row> rows) {
  std::vector<Meters> tables;
  tables.reserve(rows.size());
  for (const Row& row : rows) tables.emplace_back(&row.meter, 1);
  return tables;
}

Instance::Instance(const Domain& domain, std::string_view host)
    : nova_(*domain.facts->nova),
      source_{domain.uuid, domain.name},
      vm_instance_(hex_sha224(nova_.project_id + std::string{host})) {}

void Instance::sample(std::span<const Row> rows, const Record& record, const Source& source, Counters& counters) const {
  for (const Row& row : rows)
    if (record.number(row.meter.key)) counters.sample(Meters{&row.meter, 1}, record, resource(row, source));
}

void Instance::sample(const Row& row, double volume, const Source& source, Counters& counters) const {
  counters.sample(row.meter, volume, resource(row, source));
}

// The labels of Ceilometer's exporter, in its order. It names the first after the first part of the meter's name, and
// leaves out most of those that are empty.
Resource Instance::resource(const Row& row, const Source& source) const {
  const std::string_view first = part_of(row.name, 0), second = part_of(row.name, 1), third = part_of(row.name, 2);
  Resource resource;
  const auto always = [&](LabelName name, std::string value) { resource.labels.push_back({name, std::move(value)}); };
  const auto if_known = [&](LabelName name, const std::string& value) {
    if (!value.empty()) always(name, value);
  };
  always(row.label, third.empty() ? source.id : std::string{third});
  always("publisher", "ceilometer");
  always("type", std::string{second.empty() ? first : second});
  always("counter", std::string{row.name});
  if_known("project", nova_.project_id);
  if_known("project_name", nova_.project_name);
  if_known("user", nova_.user_id);
  if_known("user_name", nova_.user_name);
  if_known("unit", std::string{row.unit});
  always("resource", source.id);
  always("vm_instance", vm_instance_);
  always("resource_name", joined(nova_.name, source.name));
  always("server_group", "none");
  if_known("flavor_id", nova_.flavor_id);
  if_known("flavor_name", nova_.flavor_name);
  return resource;
}

}  // namespace virt::ceilometer
