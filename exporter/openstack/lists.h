// SPDX-License-Identifier: Apache-2.0
// Which lists of which services there are to read, and how. A new list is one row in lists.cc.
#ifndef VIRT_EXPORTER_OPENSTACK_LISTS_H_
#define VIRT_EXPORTER_OPENSTACK_LISTS_H_

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "exporter/openstack/snapshot.h"

namespace virt {

// Minor versions of an API within its major one, as "2.87" of Nova's.
struct Microversion {
  int major = 0, minor = 0;
  auto operator<=>(const Microversion&) const = default;
  std::string text() const { return std::to_string(major) + "." + std::to_string(minor); }
};

struct ServiceSpec {
  std::string_view name;            // "nova": in families, labels and the log
  std::string_view types;           // in the catalog, the best one first, separated by spaces
  std::string_view version;         // the first part of each path; empty = they have none
  std::string_view version_header;  // by which OpenStack-API-Version knows it; empty = it has no microversions
  Microversion newest;              // that we know; an older cloud gets what it has
};

enum class Service : std::size_t { kIdentity, kNetwork, kCompute, kImage, kVolume, kPlacement };
std::span<const ServiceSpec> all_services();
inline const ServiceSpec& spec_of(Service service) { return all_services()[static_cast<std::size_t>(service)]; }

enum ListTrait : unsigned {
  kBehind = 1,    // it is big: scrapes do not wait for it
  kFiltered = 2,  // a token without cloud-wide rights is given a part of it, or nothing, and no error
  kCounted = 4,   // items that are equal in all fields are kept once, with how many they are as "#"
};

struct ListSpec {
  CloudList::One bit;
  Service service;
  std::string_view name;    // in labels and the log
  std::string_view path;    // below the version
  std::string_view items;   // the key of the list in its pages
  std::string_view fields;  // that are kept (see PageShape), separated by spaces
  std::string_view query;   // "{month}" stands for the first second of this month, UTC
  unsigned page_size;       // 0: the API does not page
  // A scrape begins to read it if what there is is older; and does without it if that is older still.
  std::chrono::seconds max_age, stale;
  unsigned traits = 0;       // of ListTrait, or-ed
  Microversion oldest = {};  // below it the API gives something else
  // More documents of each item, whose fields are added to it: paths separated by spaces, in which "{key}" stands for
  // what the item says of that key.
  std::string_view details = {};

  bool is(ListTrait trait) const { return (traits & trait) != 0; }
};
std::span<const ListSpec> all_lists();

// The query of its first page. Neutron is asked for no other fields than those that are kept.
std::string first_query(const ListSpec& list, std::chrono::system_clock::time_point now);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_LISTS_H_
