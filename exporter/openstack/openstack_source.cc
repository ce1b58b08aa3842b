// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/openstack_source.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "exporter/openstack/about.h"
#include "exporter/process/log.h"
#include "exporter/threads/inbox.h"

namespace virt {
namespace {

using Clock = std::chrono::steady_clock;

CloudConfig load_and_warn(const CloudOptions& options) {
  auto config = load_cloud(options);
  if (!config.verify) spdlog::warn("cloud {}: certificates are not verified", in_quotes(config.name));
  return config;
}

class OpenstackSource : public Source {
 public:
  OpenstackSource(const CloudOptions& cloud, const Cloud::Options& options)
      : cloud_(
            load_and_warn(cloud), [cloud] { return load_cloud(cloud); }, options,
            [inbox = inbox_] { inbox->post([] {}); }) {}

  std::shared_ptr<SnapshotBase> read(Needs needs, Waiters& waiters) override {
    const auto since = Clock::now();
    const auto so_far = [&] { return cloud_.snapshot(needs); };
    cloud_.refresh(needs);
    for (auto now = since; now < waiters.end(); now = Clock::now()) {
      const auto until = cloud_.awaited_until(needs, since);
      if (until <= now) break;
      inbox_->run_one(std::min(until, waiters.first()));
      waiters.answer_due(Clock::now(), so_far);
    }
    return so_far();
  }

  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<CloudSnapshot>(); }

  void wake() override {
    inbox_->post([] {});
  }

 private:
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  Cloud cloud_;
};

}  // namespace

SourceKind openstack_source(CloudOptions cloud, Cloud::Options options) {
  return {CloudSnapshot::kSource, std::make_shared<AboutOpenstack>(),
          [cloud = std::move(cloud), options = std::move(options)] {
            return std::make_unique<OpenstackSource>(cloud, options);
          }};
}

}  // namespace virt
