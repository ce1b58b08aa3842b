// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/list_read.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "exporter/stats_builder.h"
#include "exporter/text/number.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

// Where the document of an API's version says which microversion is its newest: Nova's, Cinder's, Placement's.
constexpr std::string_view kVersions[] = {"version.version", "versions.0.version", "versions.0.max_version"};

PageShape shape_of(const ListSpec& list) { return {list.items, split(list.fields, ' ')}; }

std::optional<Microversion> microversion(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = to_number<int>(text.substr(0, dot)), minor = to_number<int>(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return Microversion{*major, *minor};
}

// A link may name another host, behind a proxy for one, where the token must not go: only its query is followed.
std::string query_of(const std::string& link) {
  const auto mark = link.find('?');
  return mark == std::string::npos ? "" : link.substr(mark + 1, link.find('#', mark) - mark - 1);
}

// An item's word as a part of a path, which must not lead elsewhere.
bool is_id(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

// A query is ours, or a server's.
bool is_clean(const std::string& query) {
  return std::all_of(query.begin(), query.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string_view to_text(Failure failure) {
  switch (failure) {
    case Failure::kNone: return "";
    case Failure::kLogin: return "login";
    case Failure::kScope: return "scope";
    case Failure::kNoService: return "no_service";
    case Failure::kAbsent: return "absent";
    case Failure::kUnauthorized: return "unauthorized";
    case Failure::kForbidden: return "forbidden";
    case Failure::kStatus: return "status";
    case Failure::kNoAnswer: return "no_answer";
    case Failure::kTimeout: return "timeout";
    case Failure::kContent: return "content";
    case Failure::kTooMany: return "too_many";
  }
  return "";
}

std::optional<Microversion> Microversions::of(Service service) const {
  const auto known = known_.find(service);
  return known == known_.end() ? std::nullopt : std::optional{known->second};
}

bool Microversions::wait(Service service, Use use) {
  waiting_[service].push_back(std::move(use));
  return waiting_[service].size() == 1;
}

void Microversions::answer(Service service, const ApiResponse& response) {
  for (const Use& use : std::exchange(waiting_[service], {})) use(response);
}

ListRead::ListRead(const ListSpec& list, Context context, Done done, Limits limits)
    : list_(list),
      context_(context),
      done_(std::move(done)),
      limits_(limits),
      shape_(shape_of(list)),
      details_(split(list.details, ' ')),
      equal_(shape_.fields) {}

void ListRead::begin() {
  context_.session.with_token([this](const TokenPtr& token) { go_on(token); });
}

void ListRead::go_on(const TokenPtr& token) {
  if (!token) return fail(Failure::kLogin, "there is no token");
  if (token == token_) return fail(Failure::kUnauthorized, "status 401, with a new token");
  token_ = token;
  if (list_.is(kFiltered) && !token->scope.cloud_wide)
    return fail(Failure::kScope, "the token does not see the resources of all projects");
  const ServiceSpec& service = spec_of(list_.service);
  base_ = token->catalog.url(service, context_.session.config());
  if (base_.empty()) return fail(Failure::kNoService, "the catalog has no " + std::string{service.types});
  if (!base_.starts_with("http://") && !base_.starts_with("https://"))
    return fail(Failure::kContent, "the catalog's URL is neither http nor https");
  if (!service.version_header.empty() && !context_.microversions.of(list_.service)) return ask_version();
  go_on_asking();
}

void ListRead::go_on_asking() { has_pages_ ? ask_detail() : ask_page(); }

// ---- The microversion --------------------------------------------------------------------------------------

void ListRead::ask_version() {
  const auto use = [this](const ApiResponse& response) { note_version(response); };
  if (!context_.microversions.wait(list_.service, use)) return;
  send(base_ + "/", [&versions = context_.microversions, service = list_.service](const ApiResponse& response) {
    versions.answer(service, response);
  });
}

void ListRead::note_version(const ApiResponse& response) {
  if (response.status == 401) return take_refusal();
  if (response.status != 200) return fail(response);
  JsonPage page;
  const std::string error = parse_page(response.body, {"", {std::begin(kVersions), std::end(kVersions)}}, 1, page);
  if (!error.empty()) return fail(Failure::kContent, "the answer " + error);
  Microversion newest;
  for (const std::string_view key : kVersions)
    newest = std::max(newest, microversion(page.items.front().text(key).value_or("")).value_or(Microversion{}));
  context_.microversions.know(list_.service, std::min(newest, spec_of(list_.service).newest));
  ask_page();
}

// ---- Pages -------------------------------------------------------------------------------------------------

std::string ListRead::page_url() const {
  std::string url = base_ + std::string{list_.path};
  return query_.empty() ? url : url + "?" + query_;
}

void ListRead::ask_page() {
  if (context_.microversions.of(list_.service).value_or(Microversion{}) < list_.oldest)
    return fail(Failure::kAbsent, "the API has no microversion " + list_.oldest.text());
  if (pages_ == 0) query_ = first_query(list_, std::chrono::system_clock::now());
  send(page_url(), [this](ApiResponse response) { take_page(std::move(response)); });
}

void ListRead::send(const std::string& url, Transfers::Done done) {
  ApiRequest request;
  request.service = list_.service;
  request.url = url;
  request.behind = list_.is(kBehind);
  request.headers = {"X-Auth-Token: " + token_->id, "Accept: application/json"};
  if (const auto version = context_.microversions.of(list_.service); version && version->major > 0)
    request.headers.push_back("OpenStack-API-Version: " + std::string{spec_of(list_.service).version_header} + " " +
                              version->text());
  context_.transfers.send(std::move(request), std::move(done));
}

void ListRead::take_page(ApiResponse response) {
  if (response.status == 401) return take_refusal();
  const bool may_be_gone = response.status == 404 || response.status == 400;  // Nova's word for it is 400
  if (may_be_gone && begins_again()) return;
  if (response.status != 200) return fail(response);
  was_refused_ = false;
  ++pages_;
  const std::size_t more = limits_.items - equal_.size();
  if (const std::string error = parse_page(response.body, shape_, more, page_); !error.empty())
    return fail(Failure::kContent, "the answer " + error);
  response.body = {};
  if (list_.is(kCounted)) equal_.add(std::exchange(page_.items, {}));
  if (page_.next.empty() && page_.truncated) return fail(Failure::kTooMany, "the API gives a part of the list only");
  if (page_.next.empty()) {
    has_pages_ = true;
    return ask_detail();
  }
  const std::string next = query_of(page_.next);
  if (next == query_ || next.empty() || !is_clean(next))
    return fail(Failure::kContent, "the link to the next page leads nowhere");
  if (pages_ >= limits_.pages) return fail(Failure::kTooMany, "there are too many pages");
  query_ = next;
  ask_page();
}

// ---- More of each item -------------------------------------------------------------------------------------

// One after the other, which is slow, and gentle on the service.
void ListRead::ask_detail() {
  if (detail_ == details_.size() * page_.items.size()) return finish();
  const Stats& item = page_.items[detail_ / details_.size()];
  std::string path{details_[detail_ % details_.size()]};
  const auto open = path.find('{'), close = path.find('}');
  const auto id = item.text(path.substr(open + 1, close - open - 1)).value_or("");
  if (!is_id(id)) return fail(Failure::kContent, "an item of the answer has no id");
  send(base_ + path.replace(open, close + 1 - open, id),
       [this](const ApiResponse& response) { take_detail(response); });
}

void ListRead::take_detail(const ApiResponse& response) {
  if (response.status == 401) return take_refusal();
  was_refused_ = false;
  const std::size_t item = detail_ / details_.size();
  if (response.status == 404) {  // it was deleted meanwhile
    page_.items.erase(page_.items.begin() + static_cast<std::ptrdiff_t>(item));
    detail_ = item * details_.size();
    return ask_detail();
  }
  if (response.status != 200) return fail(response);
  JsonPage detail;
  if (const std::string error = parse_page(response.body, {"", shape_.fields}, 1, detail); !error.empty())
    return fail(Failure::kContent, "the answer " + error);
  extend(page_.items[item], detail.items.front());
  ++detail_;
  ask_detail();
}

// ---- Refusals ----------------------------------------------------------------------------------------------

void ListRead::take_refusal() {
  if (std::exchange(was_refused_, true)) return fail(Failure::kUnauthorized, "status 401, with a new token");
  context_.session.refuse(token_);
  context_.session.with_token([this](const TokenPtr& token) { go_on(token); });
}

// The item after which the next page begins was deleted meanwhile.
bool ListRead::begins_again() {
  if (pages_ == 0 || std::exchange(was_begun_again_, true)) return false;
  pages_ = 0;
  page_ = {};
  equal_.take();
  ask_page();
  return true;
}

// ---- The end -----------------------------------------------------------------------------------------------

void ListRead::fail(Failure failure, std::string detail) {
  ListResult result;
  result.failure = failure;
  result.detail = std::move(detail);
  result.pages = pages_;
  done_(std::move(result));
}

void ListRead::fail(const ApiResponse& response) {
  ListResult result;
  result.pages = pages_;
  result.retry_after = response.retry_after;
  result.detail = response.status > 0 ? "status " + std::to_string(response.status) : response.error;
  switch (response.status) {
    case 0: result.failure = response.timed_out ? Failure::kTimeout : Failure::kNoAnswer; break;
    case 403: result.failure = Failure::kForbidden; break;
    case 404: result.failure = Failure::kAbsent; break;
    default: result.failure = Failure::kStatus;
  }
  done_(std::move(result));
}

void ListRead::finish() {
  ListResult result;
  result.pages = pages_;
  result.count = page_.items.size() + equal_.size();
  if (list_.is(kCounted)) page_.items = equal_.take();
  page_.items.shrink_to_fit();
  result.items = std::make_shared<const CloudItems>(std::move(page_.items));
  done_(std::move(result));
}

}  // namespace virt
