// SPDX-License-Identifier: Apache-2.0
// A call that reads things one after the other, of which any may hang.
#ifndef VIRT_EXPORTER_LIBVIRT_PART_CALL_H_
#define VIRT_EXPORTER_LIBVIRT_PART_CALL_H_

#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/call_kinds.h"
#include "exporter/threads/runner.h"
#include "exporter/threads/time.h"

namespace virt {

// What was read of a thing.
template <typename Wanted, typename Found>
struct Reply {
  std::optional<Found> found;     // nothing if there is nothing to say of it
  std::vector<Wanted> more = {};  // to be read behind the others; the same thing as well, where it is worth another try
};

// A `PartConnection` is a connection over which things of one kind are read, by one thread at a time. It has the types
// Wanted, a thing to be read, with a name that no other has, key(); and Found, what was read of it; and the functions
//   void open();                               // connects if need be
//   Reply<Wanted, Found> read(Wanted wanted);  // reads one thing
// Both may hang, and throw where no other thing could be read either.
//
// A call is run once, on a thread of its own; the other functions are for any thread, and never wait.
template <typename PartConnection>
class PartCall {
 public:
  using Wanted = typename PartConnection::Wanted;
  using Found = typename PartConnection::Found;

  PartCall(std::shared_ptr<PartConnection> connection, std::vector<Wanted> wanted, std::shared_ptr<const Runner> clock)
      : clock_(std::move(clock)), connection_(std::move(connection)) {
    add(std::move(wanted));
  }

  // Reads until nothing is left. Does not throw.
  void run(CallKind& kind) {
    try {
      connection_->open();
      const TimedCall timed{kind};
      while (auto wanted = next()) keep(connection_->read(*std::move(wanted)));
    } catch (const std::exception& error) {
      error_ = error.what();
      connection_ = nullptr;  // closing it may hang
    }
    clock_ = nullptr;  // which may own what owns this
    const std::lock_guard lock{mutex_};
    since_.reset();
    current_.reset();
  }

  // What was found since the last time.
  std::vector<Found> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(found_, {});
  }
  // The keys of what it has still to read, first the thing that it is reading.
  std::vector<std::string> open() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> open;
    if (current_) open.push_back(*current_);
    for (const Wanted& wanted : wanted_) open.push_back(wanted.key());
    return open;
  }
  // Since when it is reading the same thing; nothing while it connects.
  std::optional<Time> since() const {
    const std::lock_guard lock{mutex_};
    return since_;
  }
  // Takes the things behind that one away from it.
  std::vector<Wanted> leave() {
    const std::lock_guard lock{mutex_};
    std::vector<Wanted> rest{std::make_move_iterator(wanted_.begin()), std::make_move_iterator(wanted_.end())};
    wanted_.clear();
    return rest;
  }

  // After run(): the connection, for the next call, or null and why it is of no use any more.
  const std::shared_ptr<PartConnection>& connection() const { return connection_; }
  const std::string& error() const { return error_; }

 private:
  void add(std::vector<Wanted> wanted) {
    for (Wanted& one : wanted) wanted_.push_back(std::move(one));
  }

  std::optional<Wanted> next() {
    const std::lock_guard lock{mutex_};
    if (wanted_.empty()) return std::nullopt;
    Wanted wanted = std::move(wanted_.front());
    wanted_.pop_front();
    current_ = wanted.key();
    since_ = clock_->now();
    return wanted;
  }

  void keep(Reply<Wanted, Found> reply) {
    const std::lock_guard lock{mutex_};
    if (reply.found) found_.push_back(*std::move(reply.found));
    add(std::move(reply.more));
  }

  std::shared_ptr<const Runner> clock_;  // until run() has ended
  // Changed by run().
  std::shared_ptr<PartConnection> connection_;
  std::string error_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<Wanted> wanted_;
  std::optional<std::string> current_;
  std::optional<Time> since_;
  std::vector<Found> found_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_PART_CALL_H_
