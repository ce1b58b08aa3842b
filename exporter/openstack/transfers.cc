// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/transfers.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "exporter/text/number.h"
#include "exporter/version.h"

namespace virt {
namespace {

// Not before a cloud is read, and never undone, as other libraries of this process use libcurl, too.
void initialise() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

// The value of the header `name`, if `line` has it.
std::optional<std::string_view> value_of(std::string_view name, std::string_view line) {
  if (line.size() <= name.size() || line[name.size()] != ':' || strncasecmp(line.data(), name.data(), name.size()) != 0)
    return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r\n");
  if (first == std::string_view::npos || last == std::string_view::npos || last < first) return "";
  return line.substr(first, last - first + 1);
}

struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

struct Transfers::Curl {
  std::unique_ptr<CURLM, FreeMulti> multi{(initialise(), curl_multi_init())};
};

struct Transfers::Transfer {
  ApiRequest request;
  Done done;
  std::size_t max_bytes = 0;
  ApiResponse response;
  bool is_ready = false, too_large = false;
  std::chrono::steady_clock::time_point begun;
  std::unique_ptr<curl_slist, FreeHeaders> headers;
  std::unique_ptr<CURL, FreeEasy> easy;

  static std::size_t write(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.too_large = transfer.response.body.size() + size > transfer.max_bytes;
    if (transfer.too_large) return 0;
    if (transfer.response.body.empty()) transfer.make_room();
    transfer.response.body.append(bytes, size);
    return size;
  }

  // As much as the server announces, because a body that grows is held twice. A compressed one is announced too small.
  void make_room() {
    curl_off_t announced = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0) response.body.reserve(std::min(static_cast<std::size_t>(announced), max_bytes));
  }

  static std::size_t read_header(char* bytes, std::size_t, std::size_t size, void* user) {
    ApiResponse& response = static_cast<Transfer*>(user)->response;
    const std::string_view line{bytes, size};
    if (const auto token = value_of("X-Subject-Token", line)) response.token = *token;
    if (const auto after = value_of("Retry-After", line))
      if (const auto seconds = to_number<unsigned>(*after)) response.retry_after = std::chrono::seconds{*seconds};
    return size;
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    is_ready = curl_easy_setopt(easy.get(), option, value) == CURLE_OK && is_ready;
  }

  void set_headers() {
    for (const std::string& header : request.headers)
      if (curl_slist* const longer = curl_slist_append(headers.get(), header.c_str())) {
        static_cast<void>(headers.release());
        headers.reset(longer);
      }
    set(CURLOPT_HTTPHEADER, headers.get());
  }

  void set_files(const CloudConfig& config) {
    const long verify = config.verify ? 1 : 0;
    set(CURLOPT_SSL_VERIFYPEER, verify);
    set(CURLOPT_SSL_VERIFYHOST, verify * 2);
    if (!config.ca_file.empty()) set(CURLOPT_CAINFO, config.ca_file.c_str());
    if (!config.client_cert.empty()) set(CURLOPT_SSLCERT, config.client_cert.c_str());
    if (!config.client_key.empty()) set(CURLOPT_SSLKEY, config.client_key.c_str());
  }

  // False if libcurl cannot do what is asked of it.
  bool prepare(const CloudConfig& config, const Limits& limits) {
    easy.reset(curl_easy_init());
    if (!easy) return false;
    is_ready = true;
    max_bytes = limits.bytes;
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_USERAGENT, (std::string{"virt_exporter/"} + kVersion).c_str());
    set(CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl knows
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // or the end of a transfer waits for the name servers that its timeout gave up
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
    set(CURLOPT_WRITEFUNCTION, &Transfer::write);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::read_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_PRIVATE, this);
    set_files(config);
    set_headers();
    if (request.body) {
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body->size()));
      set(CURLOPT_POSTFIELDS, request.body->c_str());
    }
    return is_ready;
  }

  void read_answer(CURLcode result) {
    if (result != CURLE_OK) {
      response.timed_out = result == CURLE_OPERATION_TIMEDOUT;
      response.error = too_large ? "the answer is too large" : curl_easy_strerror(result);
      response.body.clear();
      return;
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
  }

  std::string outcome() const {
    if (response.status > 0) return std::to_string(response.status);
    return response.timed_out ? "timeout" : "error";
  }
};

Transfers::Transfers(const CloudConfig& config, Limits limits)
    : limits_(limits), config_(config), curl_(std::make_unique<Curl>()) {
  if (!curl_->multi) throw std::runtime_error("libcurl cannot be used");
}

Transfers::~Transfers() {
  for (const auto& transfer : running_) curl_multi_remove_handle(curl_->multi.get(), transfer->easy.get());
}

void Transfers::send(ApiRequest request, Done done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  // Those that somebody waits for go first.
  const auto behind = [](const auto& other) { return other->request.behind; };
  const auto at = transfer->request.behind ? waiting_.end() : std::find_if(waiting_.begin(), waiting_.end(), behind);
  waiting_.insert(at, std::move(transfer));
}

// One place of each service is kept for those that somebody waits for.
bool Transfers::has_room_for(const Transfer& transfer) const {
  const auto now = std::chrono::steady_clock::now();
  std::size_t same = 0, same_behind = 0, all = 0, all_behind = 0;
  for (const auto& other : running_) {
    const bool is_same = other->request.service == transfer.request.service;
    same += is_same ? 1 : 0;
    same_behind += is_same && other->request.behind ? 1 : 0;
    if (now - other->begun >= limits_.hanging) continue;
    ++all;
    all_behind += other->request.behind ? 1 : 0;
  }
  if (all >= limits_.at_once || same >= limits_.for_service) return false;
  return !transfer.request.behind || (same_behind + 1 < limits_.for_service && all_behind + 2 <= limits_.at_once);
}

bool Transfers::start_waiting() {
  bool any_ended = false;
  while (true) {
    const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                   [this](const auto& transfer) { return has_room_for(*transfer); });
    if (next == waiting_.end()) return any_ended;
    auto transfer = std::move(*next);
    waiting_.erase(next);
    any_ended = !start(std::move(transfer)) || any_ended;
  }
}

// When there may be room for one that waits, though none has ended.
std::chrono::steady_clock::time_point Transfers::next_hanging() const {
  auto first = std::chrono::steady_clock::time_point::max();
  const auto now = std::chrono::steady_clock::now();
  for (const auto& transfer : running_)
    if (const auto when = transfer->begun + limits_.hanging; when > now) first = std::min(first, when);
  return first;
}

// False if it has failed already.
bool Transfers::start(std::unique_ptr<Transfer> transfer) {
  transfer->begun = std::chrono::steady_clock::now();
  const bool is_ready = transfer->prepare(config_, limits_) &&
                        curl_multi_add_handle(curl_->multi.get(), transfer->easy.get()) == CURLM_OK;
  running_.push_back(std::move(transfer));
  if (!is_ready) finish(std::prev(running_.end()), CURLE_FAILED_INIT);
  return is_ready;
}

void Transfers::finish(Running::iterator at, int result) {
  const auto transfer = std::move(*at);
  running_.erase(at);
  curl_multi_remove_handle(curl_->multi.get(), transfer->easy.get());
  transfer->read_answer(static_cast<CURLcode>(result));
  ++counts_[{transfer->request.service, transfer->outcome()}];
  transfer->done(std::move(transfer->response));
}

bool Transfers::finish_ended() {
  int left = 0;
  bool any = false;
  while (const CURLMsg* const message = curl_multi_info_read(curl_->multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURL* const easy = message->easy_handle;
    const CURLcode result = message->data.result;
    const auto ended = std::find_if(running_.begin(), running_.end(),
                                    [&](const auto& transfer) { return transfer->easy.get() == easy; });
    if (ended == running_.end()) continue;
    finish(ended, result);
    any = true;
  }
  return any;
}

void Transfers::run(std::chrono::steady_clock::time_point until) {
  int running = 0;
  const bool any_failed = start_waiting();
  curl_multi_perform(curl_->multi.get(), &running);
  const bool any_ended = finish_ended();
  if (any_ended) start_waiting();
  if (any_ended || any_failed) return;
  if (!waiting_.empty()) until = std::min(until, next_hanging());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  constexpr std::int64_t kLongest = 60 * 60 * 1000;
  curl_multi_poll(curl_->multi.get(), nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongest)),
                  nullptr);
}

void Transfers::wake() { curl_multi_wakeup(curl_->multi.get()); }

}  // namespace virt
