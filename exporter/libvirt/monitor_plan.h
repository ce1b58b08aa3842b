// SPDX-License-Identifier: Apache-2.0
// Which domains to ask for what QEMU's monitor knows, in which batches, and when to give one up. A guest
// whose monitor does not answer holds the call that asks it, for ever, and with it the domains behind it.
//
// Finding a guest that hangs costs one call until the guest answers again. When more guests hang than calls may be out,
// as in a storage outage, the last calls are kept for the domains that answered in the last scrape ("trusted"); the
// others are probed one by one while there are calls for that.
#ifndef VIRT_EXPORTER_LIBVIRT_MONITOR_PLAN_H_
#define VIRT_EXPORTER_LIBVIRT_MONITOR_PLAN_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/threads/time.h"

namespace virt {

// Plans calls and is told of their answers; makes none itself, and knows no time but what it is told. One
// thread at a time. Domains go by UUID.
class MonitorPlan {
 public:
  using Seconds = std::chrono::duration<double>;

  struct Options {
    std::size_t workers = 4;     // calls at once while monitors are quick
    std::size_t max_calls = 12;  // calls out at once, whoever's: libvirtd has 20 workers for everybody
    Seconds patience{0.4};       // at least this long before a call is left behind
    Seconds retry{0.02};         // until a domain whose monitor was held by another call is asked again
    Seconds held{1};             // so long, and it is not asked again in this scrape
    Seconds quick{1};            // in which all monitors are asked where they are quick
  };
  struct Batch {
    std::uint64_t id;
    std::vector<std::string> domains;
  };
  enum class Answer { kComplete, kPartial, kGone };
  // Silent: it was asked, or still is, and did not answer. Not asked: there was no time or no call to spare, or its
  // call hangs at another domain. Gone: it vanished since it was listed.
  enum class Outcome { kComplete, kSilent, kNotAsked, kGone };

  explicit MonitorPlan(Options options) : options_(options) {}

  // A new scrape: `domains` shall be asked, but not those to which a call is still out, nor those that were held() the
  // last time, unless they are `released` since.
  void begin(const std::vector<std::string>& domains, const std::unordered_set<std::string>& released, Time now);

  // A batch whose call shall be made now; nothing while there is none, or no more calls may be out.
  std::optional<Batch> next(Time now);
  // The call of a batch came back; tells for each of its domains how, or nothing if it failed. False if the batch is of
  // an earlier scrape: then its values are old and must not be used.
  bool answered(const Batch& batch, const std::vector<Answer>& answers, Time now);
  // The scrape is over: its answers that come from now on are as those of an earlier one.
  void end() { is_over_ = true; }
  // When time alone changes the plan: a call is late, or a domain is to be asked again.
  Time wake() const;
  // Nothing is to be waited for: all have answered or hold a call that was left behind, or no more may be
  // asked because of calls of earlier scrapes and of others.
  bool finished() const;

  Outcome outcome(const std::string& domain) const;
  // Domains of which no answer is to be expected soon: a call that was left behind or somebody else holds
  // them, or no more calls may be made.
  std::vector<std::string> suspects() const;
  Seconds patience() const { return options_.patience; }
  // Domains of which begin() must be told once they are released: those that another client's call holds, as far as is
  // known, or one of our own that goes on to other domains then.
  std::unordered_set<std::string> held() const;
  std::size_t calls_left_behind() const;

 private:
  // How a scrape's domains are divided.
  enum Way { kFewLarge, kManySmall };
  // What was seen of a way: how long a domain takes within a batch, and how long all took.
  struct Experience {
    std::optional<Seconds> pace, took;
  };
  struct Call {
    // After the call was left behind: those that are not complete. libvirtd asks them in this order, so the first one
    // of them that is held holds the call; if only one is left, that one.
    std::vector<std::string> domains;
    std::vector<std::string> behind;  // the domain that holds the call
    std::size_t size;
    Time started;
    Time late_at;
    std::uint64_t scrape;
    bool late;
  };
  struct Domain {
    std::uint64_t answered_in = 0;  // the last scrape in which it answered a call, of that scrape or an earlier one
    bool is_listed = false, asked = false, complete = false, gone = false;
    bool is_trusted =
        false;  // it answered in the last scrape; until a call to it is late, unless there was an outage then
    bool in_call = false;  // a call of this scrape that is not late
    std::optional<Time> partial_since;
  };

  bool is_open(const std::string& domain) const;
  bool is_out(const std::string& domain) const;
  std::unordered_set<std::string> not_to_ask(Time now) const;
  bool is_active(const Call& call) const { return !call.late && call.scrape == scrape_; }
  bool is_late(const Call& call) const { return call.late && call.scrape == scrape_; }
  std::size_t late() const;
  bool any_complete() const;
  std::size_t active() const;
  std::size_t callers() const;
  std::size_t hanging() const { return calls_left_behind() + held_.size(); }
  std::size_t spare_calls() const;
  bool is_outage() const;
  bool is_first(const std::string& domain, const Call& call) const;
  bool is_safe(const std::string& domain) const;
  bool may_ask(const std::vector<std::string>& domains) const;
  bool nothing_to_lose() const;
  Way choose_way(std::size_t domains) const;
  std::size_t batch_size(Way way, std::size_t domains) const;
  void learn_from_scrape();
  void learn_pace(const Call& call, Time now);
  void enqueue(const std::vector<std::string>& domains, std::size_t size);
  void was_answered(const std::string& domain, std::uint64_t scrape);
  void go_on(Call& call, const std::unordered_set<std::string>& released);
  void enqueue_all(const std::vector<std::string>& domains);
  void split_where_calls_are_short();
  Batch make_call(std::vector<std::string> domains, Time now);
  void leave_late_calls_behind(Time now);
  void leave_behind(Call& call);
  void enqueue_due_retries(Time now);
  void complete(const std::string& domain);
  void gone(const std::string& domain);
  void partial(const std::string& domain, Time now);
  void holds_none(const std::string& domain, const Call* but = nullptr);
  Call* left_behind_at(const std::string& domain);
  void hangs_at(Call& call, const std::string& domain);

  const Options options_;
  // Kept from scrape to scrape.
  std::map<std::uint64_t, Call> calls_;   // that are out
  std::unordered_set<std::string> held_;  // by other clients
  Experience seen_[2];                    // by way
  std::uint64_t last_batch_ = 0, scrape_ = 0;
  // Of this scrape.
  Way way_ = kFewLarge;
  Time begun_, last_answer_;
  bool begun_in_outage_ = false, is_over_ = false;
  std::unordered_map<std::string, Domain> domains_;
  std::deque<std::vector<std::string>> pending_;
  std::multimap<Time, std::string> retries_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_MONITOR_PLAN_H_
