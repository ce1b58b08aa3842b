// SPDX-License-Identifier: Apache-2.0
// A hypervisor whose reads take as long as a test likes.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_HYPERVISOR_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_HYPERVISOR_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "exporter/libvirt/snapshot.h"
#include "exporter/source.h"

namespace virt {

// Its reads begin, and then wait until the test lets them end. Any thread.
class Hypervisor {
 public:
  std::shared_ptr<SnapshotBase> read(Needs groups, Waiters& waiters) {
    std::unique_lock lock{mutex_};
    groups_.push_back(groups);
    waiters_ = &waiters;
    changed_.notify_all();
    changed_.wait(lock, [this] { return allowed_ > 0; });
    waiters_ = nullptr;
    --allowed_;
    ++ended_;
    if (!problem_.empty()) throw std::runtime_error(problem_);
    const auto snapshot = std::make_shared<Snapshot>();
    snapshot->up = true;
    snapshot->source = "read " + std::to_string(ended_);
    return snapshot;
  }

  // Lets that many reads end, with this problem if there is one.
  void let_end(int reads, const std::string& problem = "") {
    const std::lock_guard lock{mutex_};
    allowed_ += reads;
    problem_ = problem;
    changed_.notify_all();
  }
  void wait_for_begun(std::size_t reads) {
    std::unique_lock lock{mutex_};
    const auto begun = [&] { return groups_.size() >= reads; };
    if (!changed_.wait_for(lock, std::chrono::seconds{30}, begun)) throw std::runtime_error("no read begins");
  }
  int ended() const {
    const std::lock_guard lock{mutex_};
    return ended_;
  }
  std::vector<Groups> groups() const {
    const std::lock_guard lock{mutex_};
    return groups_;
  }
  // Does something with those who wait for the read that is under way.
  template <typename Use>
  auto with_waiters(Use use) const {
    const std::lock_guard lock{mutex_};
    return use(*waiters_);
  }
  void wake() {
    const std::lock_guard lock{mutex_};
    ++woken_;
    changed_.notify_all();
  }
  void wait_for_woken(int times) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return woken_ >= times; }))
      throw std::runtime_error("nobody wakes it");
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<Groups> groups_;
  Waiters* waiters_ = nullptr;  // of the read that is under way
  int allowed_ = 0, ended_ = 0, woken_ = 0;
  std::string problem_;
};

class HypervisorSource : public Source {
 public:
  explicit HypervisorSource(Hypervisor& hypervisor) : hypervisor_(hypervisor) {}
  std::shared_ptr<SnapshotBase> read(Needs needs, Waiters& waiters) override {
    return hypervisor_.read(needs, waiters);
  }
  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Snapshot>(); }
  void wake() override { hypervisor_.wake(); }

 private:
  Hypervisor& hypervisor_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_HYPERVISOR_H_
