// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud.h"

#include <malloc.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

namespace virt {
namespace {

using namespace std::chrono_literals;

// Neutron answers the first requests after its start with empty lists, until it has read its policies.
constexpr auto kBeforeAskingAgain = 500ms;

// Failures of a service, not of what is asked of it.
bool is_hard(Failure failure) {
  switch (failure) {
    case Failure::kLogin:
    case Failure::kUnauthorized:
    case Failure::kStatus:
    case Failure::kNoAnswer:
    case Failure::kTimeout:
    case Failure::kContent: return true;
    default: return false;
  }
}

bool was_asked(Failure failure) { return failure != Failure::kScope && failure != Failure::kNoService; }

std::string subject(const ListSpec& list) {
  return "openstack " + std::string{spec_of(list.service).name} + " " + std::string{list.name};
}

}  // namespace

Cloud::Cloud(CloudConfig config, CloudSession::Load load, Options options, std::function<void()> changed)
    : options_(std::move(options)),
      changed_(std::move(changed)),
      transfers_(config, options_.limits),
      session_(std::move(config), std::move(load), {options_.admin_role}, transfers_, log_) {
  for (const ListSpec& list : all_lists()) lists_.emplace_back(list);
  thread_ = std::thread{[this] { run(); }};
}

Cloud::~Cloud() {
  post([this] { stopping_ = true; });
  thread_.join();
}

// ---- Scrapes -----------------------------------------------------------------------------------------------

void Cloud::refresh(Needs needs) {
  const std::lock_guard lock{mutex_};
  const Time now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    if ((lists_[i].spec().bit & needs) == 0 || !lists_[i].is_due(now)) continue;
    lists_[i].begin(now);
    post([this, i] { start(i); });
  }
}

Time Cloud::awaited_until(Needs needs, Time since) const {
  const std::lock_guard lock{mutex_};
  Time until = Time::min();
  for (const ListState& list : lists_)
    if ((list.spec().bit & needs) != 0) until = std::max(until, list.awaited_until(since, options_.patience));
  return until;
}

std::shared_ptr<CloudSnapshot> Cloud::snapshot(Needs needs) const {
  auto snapshot = std::make_shared<CloudSnapshot>();
  const std::lock_guard lock{mutex_};
  const Time now = std::chrono::steady_clock::now();
  for (const ListState& list : lists_) {
    if ((list.spec().bit & needs) == 0) continue;
    if (auto items = list.items(now))
      snapshot->lists[list.spec().bit] = std::move(items);
    else
      snapshot->missing |= list.spec().bit;
    snapshot->reports.push_back(list.report(now));
  }
  for (std::size_t i = 0; i < all_services().size(); ++i)
    if (const auto up = is_up(static_cast<Service>(i), needs, now))
      snapshot->services.push_back({all_services()[i].name, *up});
  snapshot->up = board_.is_logged_in || !snapshot->lists.empty();
  snapshot->scope = board_.scope;
  snapshot->requests = board_.requests;
  snapshot->logins = board_.logins;
  return snapshot;
}

// Nothing is said of a service that was not asked.
std::optional<bool> Cloud::is_up(Service service, Needs needs, Time now) const {
  if (service == Service::kIdentity && !board_.is_logged_in) return false;
  bool was_needed = false, answered = false, pending = false;
  for (const ListState& list : lists_) {
    if (list.spec().service != service || (list.spec().bit & needs) == 0) continue;
    was_needed = true;
    // What failed for want of a token is asked only now that there is one.
    const bool is_new = !list.was_ever_read() || (board_.is_logged_in && list.failure() == Failure::kLogin);
    if ((!is_new && is_hard(list.failure())) || list.is_hanging(now)) return false;
    answered = answered || (!is_new && was_asked(list.failure()));
    pending = pending || is_new;
  }
  if (answered || (service == Service::kIdentity && !was_needed)) return true;
  return pending ? std::optional{false} : std::nullopt;
}

// ---- The thread --------------------------------------------------------------------------------------------

void Cloud::post(std::function<void()> work) {
  inbox_.post(std::move(work));
  transfers_.wake();
}

void Cloud::run() {
  pthread_setname_np(pthread_self(), "openstack");
  while (true) {
    while (inbox_.run_one(Time::min())) continue;
    if (stopping_) return;
    start_doubted(std::chrono::steady_clock::now());
    if (ended_.empty()) transfers_.run(next_doubted());  // what failed without a request is told first
    if (ended_.empty()) continue;
    ended_.clear();
    changed_();
    if (std::exchange(has_big_ended_, false)) malloc_trim(0);  // the last list lay between others
  }
}

void Cloud::start(std::size_t list) {
  auto& read = reads_[list];
  read = std::make_unique<ListRead>(all_lists()[list], ListRead::Context{session_, transfers_, microversions_},
                                    [this, list](ListResult result) { end(list, std::move(result)); });
  read->begin();
}

void Cloud::end(std::size_t list, ListResult result) {
  ended_.push_back(std::move(reads_[list]));
  reads_.erase(list);
  has_big_ended_ = has_big_ended_ || all_lists()[list].is(kBehind);
  const Time now = std::chrono::steady_clock::now();
  log(all_lists()[list], result);
  Board board = new_board();
  const std::lock_guard lock{mutex_};
  board_ = std::move(board);
  if (!lists_[list].end(std::move(result), now)) doubted_[list] = now + kBeforeAskingAgain;
}

void Cloud::start_doubted(Time now) {
  for (auto next = doubted_.begin(); next != doubted_.end();) {
    const auto [list, when] = *next;
    next = when <= now ? doubted_.erase(next) : std::next(next);
    if (when <= now) start(list);
  }
}

Time Cloud::next_doubted() const {
  Time first = Time::max();
  for (const auto& [list, when] : doubted_) first = std::min(first, when);
  return first;
}

Cloud::Board Cloud::new_board() const {
  Board board;
  board.is_logged_in = session_.is_good();
  if (const TokenPtr token = session_.token()) board.scope = token->scope;
  board.logins = session_.logins();
  for (const auto& [key, count] : transfers_.counts())
    board.requests.push_back({spec_of(key.first).name, key.second, count});
  return board;
}

// ---- The log -----------------------------------------------------------------------------------------------

void Cloud::log(const ListSpec& list, const ListResult& result) {
  std::set<std::string_view>& silent = silent_[list.service];
  switch (result.failure) {
    case Failure::kLogin: return;  // said by the session
    case Failure::kTimeout:
    case Failure::kNoAnswer: return log_no_answer(list, result);
    case Failure::kScope: return log_scope();
    case Failure::kForbidden:
      if (!is_cloud_wide()) return log_scope();
      log_.problem(subject(list), one_line(result.detail));
      break;
    case Failure::kNone: log_.no_problem(subject(list), "can be read again"); break;
    default: log_.problem(subject(list), one_line(result.detail));
  }
  silent.erase(list.name);
  if (silent.empty()) log_.no_problem("openstack " + std::string{spec_of(list.service).name}, "answers again");
  if (is_cloud_wide()) log_.no_problem("openstack scope", "the token sees all projects");
}

bool Cloud::is_cloud_wide() const { return session_.token() && session_.token()->scope.cloud_wide; }

void Cloud::log_scope() {
  log_.problem("openstack scope", "the token does not have the role " + in_quotes(options_.admin_role) +
                                      " in a project; lists that it may not see, or sees only in part, are absent");
}

// One line for all lists of a service.
void Cloud::log_no_answer(const ListSpec& list, const ListResult& result) {
  silent_[list.service].insert(list.name);
  log_.problem("openstack " + std::string{spec_of(list.service).name}, "does not answer: " + one_line(result.detail));
}

}  // namespace virt
