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

constexpr Meter kDuration[] = {{"", "virt_read_duration_seconds", Type::kHistogram, kOne,
                                "Duration of the reads of each source; scrapes that arrive together share a read."}};

}  // namespace

std::vector<Meters> reader_meters() { return {kDuration}; }

Reader::Reader(std::string name, std::unique_ptr<Source> source, Clocks clocks, Instruments instruments)
    : name_(std::move(name)),
      source_(std::move(source)),
      clocks_(std::move(clocks)),
      instruments_(std::move(instruments)),
      durations_(instruments_.histogram(kDuration[0], kScrapeBounds, {{"source", name_}})),
      thread_([this] { run(); }) {}

Reader::~Reader() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Reader::may_share_current(Needs needs, Deadline deadline) const {
  return current_ && (needs & ~*current_) == 0 && deadline - kForOneRead < waiters_->end();
}

Waiters::Ticket Reader::wait_in_line(Needs needs, Deadline deadline) {
  const std::lock_guard lock{mutex_};
  if (may_share_current(needs, deadline)) return waiters_->join(deadline);
  next_ = next_.value_or(0) | needs;
  changed_.notify_all();
  return waiters_->enter(deadline);
}

Reader::Ticket Reader::begin(Needs needs, Deadline deadline) {
  Ticket ticket{waiters_, wait_in_line(needs, deadline)};
  source_->wake();
  return ticket;
}

SnapshotPtr Reader::wait(const Ticket& ticket) { return ticket.waiters->wait(ticket.place); }

void Reader::hurry(Deadline latest) {
  waiters_->hurry(latest);
  source_->wake();
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
    const Needs needs = *std::exchange(next_, std::nullopt);
    if (!waiters_->begin()) continue;
    current_ = needs;
    lock.unlock();
    auto snapshot = read(needs);
    durations_.Observe(std::chrono::duration<double>(clocks_.steady() - waiters_->begun()).count());
    lock.lock();
    current_.reset();
    waiters_->answer_all(std::move(snapshot));
  }
}

std::shared_ptr<SnapshotBase> Reader::read(Needs needs) {
  try {
    auto snapshot = source_->read(needs, *waiters_);
    log_.no_problem(name_, "connected again");
    return snapshot;
  } catch (const std::exception& error) {
    log_.problem(name_, error.what());
  } catch (...) {
    log_.problem(name_, "threw something that is not a std::exception");
  }
  return source_->nothing();
}

}  // namespace virt
