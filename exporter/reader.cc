// SPDX-License-Identifier: Apache-2.0
#include "exporter/reader.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace virt {

Reader::Reader(std::unique_ptr<Inspector> inspector, Clock now)
    : inspector_(std::move(inspector)), now_(std::move(now)), thread_([this] { run(); }) {}

Reader::~Reader() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<Reader::Read> Reader::choose(Groups groups) {
  if (current_ && (groups & ~current_->groups) == 0) return current_;
  if (!next_) next_ = std::make_shared<Read>();
  next_->groups |= groups;
  changed_.notify_all();
  return next_;
}

SnapshotPtr Reader::read(Groups groups, Deadline deadline) {
  std::unique_lock lock{mutex_};
  const std::shared_ptr<Read> read = choose(groups);
  const auto ticket = read->waiters.enter(std::min(deadline, latest_));
  lock.unlock();
  inspector_->wake();
  return read->waiters.wait(ticket);
}

void Reader::hurry(Deadline latest) {
  {
    const std::lock_guard lock{mutex_};
    latest_ = latest;
    for (const auto& read : {current_, next_})
      if (read) read->waiters.hurry(latest);
  }
  inspector_->wake();
}

void Reader::run() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || next_; });
    if (!next_) return;
    current_ = std::exchange(next_, nullptr);
    const std::shared_ptr<Read> read = current_;
    lock.unlock();
    const SnapshotPtr snapshot = inspect(*read);
    lock.lock();
    current_ = nullptr;  // who comes now wants what is true now
    read->waiters.answer_all(snapshot);
  }
}

SnapshotPtr Reader::inspect(Read& read) {
  const auto start = now_();
  auto snapshot = std::make_shared<Snapshot>();
  try {
    *snapshot = inspector_->inspect(read.groups, read.waiters);
    log_.no_problem("libvirt", "connected again");
  } catch (const std::exception& error) {
    log_.problem("libvirt", error.what());
  }
  snapshot->inspect_duration = now_() - start;
  return snapshot;
}

}  // namespace virt
