// SPDX-License-Identifier: Apache-2.0
// The parts of what is read of libvirt, each of which may be slow, hang or fail without the others.
#ifndef VIRT_EXPORTER_LIBVIRT_PART_H_
#define VIRT_EXPORTER_LIBVIRT_PART_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/process/log.h"
#include "exporter/threads/runner.h"
#include "exporter/threads/time.h"

namespace virt {

// What all parts have in common, whatever they read. Used by the thread that does the runner's reports, and never
// waits.
class Part {
 public:
  using Duration = std::chrono::duration<double>;

  struct Options {
    std::string_view name;                // of PartReport; lives as long as the program
    std::shared_ptr<CallKind> kind = {};  // of its calls
    Duration patience{1};                 // so long at one thing, and a call is late: another one reads the rest
    std::size_t max_calls = 1;            // that may be out at once
    double rest = 0;                      // so many times as long as a late call took, nothing is asked after it
  };
  // What is the source's; the log must live longer.
  struct Context {
    std::shared_ptr<Runner> runner;
    LogOnce& log;
  };

  Part(Options options, Context context) : options_(std::move(options)), context_(std::move(context)) {}
  virtual ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  // A read begins. What is still out is not of it: it is not waited for, and its things are not asked again.
  virtual void begin_read() = 0;
  // A call of this read is out, late or not.
  virtual bool is_awaited() const = 0;
  // The same of one that is not late.
  virtual bool is_reading() const = 0;
  // When to tend() it.
  virtual Time wake() const = 0;
  // Leaves a call behind that is late, and has the rest read by another one.
  virtual void tend() = 0;
  virtual std::size_t calls_out() const = 0;
  virtual std::size_t calls_late() const = 0;
  // The keys of what is being read, or was to be read.
  virtual std::vector<std::string> open() const = 0;
  // The connections are of no use any more: libvirt was lost.
  virtual void disconnect() = 0;

  std::string_view name() const { return options_.name; }
  // Why something could not be asked in this read; empty if all could.
  const std::string& error() const { return error_; }
  // The reason was that no thread is to be had.
  const std::optional<std::system_error>& no_thread() const { return no_thread_; }
  // How this read went up to now; nothing if nothing was asked.
  std::optional<PartReport> report() const;
  // Logs that the part begins to be missing, or is there again.
  void end_read();

 protected:
  static constexpr char kNoAnswer[] = "no answer in time";

  Time now() const { return context_.runner->now(); }

  Options options_;
  Context context_;
  // Of this read.
  Time begun_{};
  std::optional<Time> asked_, answered_;  // first, last
  std::string error_;
  std::optional<std::system_error> no_thread_;

 private:
  bool hangs_ = false;  // as the log has it
};

template <typename PartConnection>
class PartOf : public Part {
 public:
  using Call = PartCall<PartConnection>;
  using Wanted = typename Call::Wanted;
  using Found = typename Call::Found;
  using MakeConnection = std::function<std::shared_ptr<PartConnection>()>;

  // `make_connection` makes a connection that is not connected yet.
  PartOf(Options options, Context context, MakeConnection make_connection)
      : Part(std::move(options), std::move(context)), make_connection_(std::move(make_connection)) {}
  ~PartOf() override { disconnect(); }

  // Has things read, but not those that are out. A failure is told by report().
  void ask(std::vector<Wanted> wanted) {
    if (!asked_) asked_ = now();
    if (now() < rests_until_) {
      error_ = kNoAnswer;
      return;
    }
    const auto keys = open();
    const std::unordered_set<std::string> out{keys.begin(), keys.end()};
    for (Wanted& one : wanted)
      if (out.count(one.key()) == 0) waiting_.push_back(std::move(one));
    start();
  }

  // What this read found since the last time.
  std::vector<Found> take() {
    std::vector<Found> found;
    for (auto& [asked, one] : take_all())
      if (asked == begun_) found.push_back(std::move(one));
    return found;
  }
  // The same with what earlier reads asked for, each with the time when that read began.
  std::vector<std::pair<Time, Found>> take_all() {
    for (const Out& out : calls_) keep(out);
    return std::exchange(found_, {});
  }

  // From now on nothing is asked for the part's rest after something that took so long.
  void rest_after(Duration took) {
    rests_until_ = now() + std::chrono::duration_cast<Time::duration>(options_.rest * took);
  }

  void set_patience(Duration patience) { options_.patience = patience; }

  void begin_read() override {
    begun_ = now();
    asked_.reset();
    answered_.reset();
    error_.clear();
    no_thread_.reset();
    waiting_.clear();
    tend();
  }
  bool is_awaited() const override {
    return std::any_of(calls_.begin(), calls_.end(), [this](const Out& out) { return out.asked == begun_; });
  }
  bool is_reading() const override {
    return std::any_of(calls_.begin(), calls_.end(),
                       [this](const Out& out) { return out.asked == begun_ && !out.is_late; });
  }
  Time wake() const override {
    Time wake = Time::max();
    for (const Out& out : calls_)
      if (!out.is_late) wake = std::min(wake, out.call->since().value_or(now()) + patience());
    return wake;
  }
  void tend() override {
    for (Out& out : calls_) {
      const auto since = out.call->since();
      if (out.is_late || !since || now() - *since < patience()) continue;
      out.is_late = true;
      for (Wanted& one : out.call->leave())
        if (out.asked == begun_) waiting_.push_back(std::move(one));
    }
    start();
  }
  std::size_t calls_out() const override { return calls_.size(); }
  // How often disconnect() was called.
  unsigned disconnects() const { return disconnects_; }
  std::size_t calls_late() const override {
    return static_cast<std::size_t>(
        std::count_if(calls_.begin(), calls_.end(), [](const Out& out) { return out.is_late; }));
  }
  std::vector<std::string> open() const override {
    std::vector<std::string> open;
    for (const Out& out : calls_)
      for (std::string& key : out.call->open()) open.push_back(std::move(key));
    for (const Wanted& one : waiting_) open.push_back(one.key());
    return open;
  }
  void disconnect() override {
    if (connection_) context_.runner->discard(std::move(connection_));
    ++disconnects_;
  }

 private:
  struct Out {
    std::shared_ptr<Call> call;
    Time asked;  // when its read began
    unsigned disconnects;
    bool is_late = false;
  };

  Time::duration patience() const { return std::chrono::duration_cast<Time::duration>(options_.patience); }

  // What waits, if it may be asked now.
  void start() {
    const bool is_busy = std::any_of(calls_.begin(), calls_.end(), [](const Out& out) { return !out.is_late; });
    if (waiting_.empty() || is_busy || calls_.size() >= options_.max_calls) return;
    const auto call = std::make_shared<Call>(connection_ ? std::exchange(connection_, nullptr) : make_connection_(),
                                             std::exchange(waiting_, {}), context_.runner);
    try {
      context_.runner->run([call, kind = options_.kind] { call->run(*kind); }, [this, call] { finish(call); });
      calls_.push_back({call, begun_, disconnects_});
    } catch (const std::system_error& no_thread) {
      error_ = no_thread.what();
      no_thread_ = no_thread;
    }
  }

  void keep(const Out& out) {
    for (Found& found : out.call->take()) found_.emplace_back(out.asked, std::move(found));
  }

  void finish(const std::shared_ptr<Call>& call) {
    const auto out = std::find_if(calls_.begin(), calls_.end(), [&](const Out& other) { return other.call == call; });
    keep(*out);
    const Out ended = *out;
    calls_.erase(out);
    if (ended.is_late) rest_after(now() - ended.asked);
    if (ended.asked == begun_) {
      answered_ = now();
      if (!call->connection()) error_ = call->error();
    }
    if (call->connection()) keep_connection(call->connection(), ended.disconnects);
    start();
  }

  void keep_connection(std::shared_ptr<PartConnection> connection, unsigned disconnects) {
    if (!connection_ && disconnects == disconnects_)
      connection_ = std::move(connection);
    else
      context_.runner->discard(std::move(connection));
  }

  const MakeConnection make_connection_;
  std::shared_ptr<PartConnection> connection_;  // that is in no call
  unsigned disconnects_ = 0;                    // how often; connections of before the last one are of no use
  std::vector<Out> calls_;                      // that are out
  Time rests_until_{};
  std::vector<Wanted> waiting_;  // of this read
  std::vector<std::pair<Time, Found>> found_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_PART_H_
