// SPDX-License-Identifier: Apache-2.0
#include "exporter/reader.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace virt {
namespace {

// What a scrape wants left for a read of its own, should the one under way take all of its time. Of scrapes with the
// same timeout, one that comes within this time of another shares its read.
constexpr std::chrono::seconds kForOneRead{1};

}  // namespace

Reader::Reader(std::unique_ptr<Inspector> inspector, Clocks clocks)
    : inspector_(std::move(inspector)), clocks_(std::move(clocks)), thread_([this] { run(); }) {}

Reader::~Reader() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Reader::may_share_current(Groups groups, Deadline deadline) const {
  return current_ && (groups & ~*current_) == 0 && deadline - kForOneRead < waiters_->end();
}

Waiters::Ticket Reader::wait_in_line(Groups groups, Deadline deadline) {
  const std::lock_guard lock{mutex_};
  if (may_share_current(groups, deadline)) return waiters_->join(deadline);
  next_ = next_.value_or(0) | groups;
  changed_.notify_all();
  return waiters_->enter(deadline);
}

SnapshotPtr Reader::read(Groups groups, Deadline deadline) {
  const auto waiters = waiters_;
  const auto ticket = wait_in_line(groups, deadline);
  inspector_->wake();
  return waiters->wait(ticket);
}

void Reader::hurry(Deadline latest) {
  waiters_->hurry(latest);
  inspector_->wake();
}

bool Reader::passes_check(Deadline deadline, std::chrono::steady_clock::duration patience) {
  std::unique_lock lock{mutex_};
  if (current_) return clocks_.steady() - waiters_->begun() <= patience;
  const unsigned check = ++checks_;
  changed_.notify_all();
  return changed_.wait_until(lock, deadline, [&] { return checks_passed_ >= check; });
}

void Reader::run() {
  pthread_setname_np(pthread_self(), "reader");
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || next_ || checks_passed_ < checks_; });
    checks_passed_ = checks_;
    changed_.notify_all();
    if (!next_) {
      if (stopping_) return;
      continue;
    }
    const Groups groups = *std::exchange(next_, std::nullopt);
    if (!waiters_->begin()) continue;
    current_ = groups;
    lock.unlock();
    Snapshot snapshot = inspect(groups);
    lock.lock();
    current_.reset();
    waiters_->answer_all(std::move(snapshot));
  }
}

Snapshot Reader::inspect(Groups groups) {
  try {
    Snapshot snapshot = inspector_->inspect(groups, *waiters_);
    log_.no_problem("libvirt", "connected again");
    return snapshot;
  } catch (const std::exception& error) {
    log_.problem("libvirt", error.what());
  } catch (...) {
    log_.problem("libvirt", "threw something that is not a std::exception");
  }
  return {};
}

}  // namespace virt
