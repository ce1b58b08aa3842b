// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_connection.h"

#include <algorithm>

#include "exporter/libvirt/connection.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

// Where none was set aside when we connected, some may be by now.
bool is_any_free(const Stats& huge_pages) {
  const auto matches = huge_pages.all().match("cell.*.free");
  return std::any_of(matches.begin(), matches.end(), [](const Record::Match& match) { return match.number > 0; });
}

// Pages that are looked at are in one of these states.
bool is_merging(const Stats& merging) {
  return merging.number("ksm.pages_sharing") > 0 || merging.number("ksm.pages_unshared") > 0 ||
         merging.number("ksm.pages_volatile") > 0;
}

}  // namespace

void HostConnection::open() {
  if (keep_open(uri_, connection_)) kept_.reset();
  if (kept_) return;
  const Seldom seldom{Refresh{refresh_}};
  kept_.emplace(Kept{read_constants(connection_.get()), seldom, seldom, seldom});
}

Stats HostConnection::read(Time now) {
  virConnectPtr connection = connection_.get();
  const HostConstants& constants = kept_->constants;
  Seldom &huge_pages = kept_->huge_pages, &merging = kept_->merging;
  Stats host = constants.stats;
  extend(host, kept_->info.read(now, false, [&] { return read_info(connection); }));
  extend(host, huge_pages.read(now, constants.has_huge_pages || is_any_free(huge_pages.last()),
                               [&] { return read_huge_pages(connection, constants); }));
  extend(host, merging.read(now, is_merging(merging.last()), [&] { return read_merging(connection, constants); }));
  extend(host, read_node(connection, constants));
  check_alive(connection_);
  return host;
}

}  // namespace virt
