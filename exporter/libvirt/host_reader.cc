// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_reader.h"

#include <algorithm>

#include "exporter/libvirt/connect.h"

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

Stats HostReader::read(Groups groups, Time now) {
  if (!connection_ || virConnectIsAlive(connection_.get()) != 1) {
    kept_.reset();
    connection_ = connect(uri_);
  }
  if (!kept_) {
    const Refresh turn{refresh_};
    kept_.emplace(Kept{read_constants(connection_.get()), {}, {}, {}, turn, turn, turn, turn, turn});
  }
  Stats host;
  if ((groups & Group::kHost) != 0) {
    if (kept_->info_turn.is_due(now) || kept_->info.empty()) kept_->info = read_info(connection_.get());
    host.append(kept_->constants.stats);
    host.append(kept_->info);
    if (kept_->huge_pages_turn.is_due(now) || kept_->constants.has_huge_pages || kept_->huge_pages.empty() ||
        is_any_free(kept_->huge_pages))
      kept_->huge_pages = read_huge_pages(connection_.get(), kept_->constants);
    host.append(kept_->huge_pages);
    if (kept_->merging_turn.is_due(now) || is_merging(kept_->merging) || kept_->merging.empty())
      kept_->merging = read_merging(connection_.get(), kept_->constants);
    host.append(kept_->merging);
    read_node(connection_.get(), kept_->constants, host);
  }
  // Each call costs libvirtd and us.
  if ((groups & Group::kPools) != 0 && (kept_->pools_turn.is_due(now) || kept_->has_pools))
    kept_->has_pools = read_pools(connection_.get(), host);
  if ((groups & Group::kNetworks) != 0 && (kept_->networks_turn.is_due(now) || kept_->has_networks))
    kept_->has_networks = read_networks(connection_.get(), host);
  return host;
}

}  // namespace virt
