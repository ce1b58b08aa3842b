// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_server.h"

#include <civetweb.h>
#include <dlfcn.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "exporter/http/http_check.h"
#include "exporter/http/open_sockets.h"
#include "exporter/http/web_access.h"
#include "exporter/process/log.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

enum class Plus { kItself, kBlank };

std::string url_decode(std::string_view text, Plus plus) {
  std::string decoded(text.size() + 1, '\0');
  const int size = mg_url_decode(text.data(), static_cast<int>(text.size()), decoded.data(),
                                 static_cast<int>(decoded.size()), plus == Plus::kBlank ? 1 : 0);
  decoded.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return decoded;
}

// The length of "http://HOST:PORT" at the front of a target in absolute form (RFC 9112, 3.2.2), else 0.
std::size_t authority_end(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (lower(std::string{target.substr(0, scheme.size())}) == scheme)
      return std::min(target.find_first_of("/?", scheme.size()), target.size());
  return 0;
}

// Whatever host and port an absolute form names: a proxy's may well be others than those that we know of.
void set_target(std::string_view target, HttpRequest& request) {
  target.remove_prefix(authority_end(target));
  const auto path_end = std::min(target.find('?'), target.size());
  const std::string path = url_decode(target.substr(0, path_end), Plus::kItself);
  request.path = path.empty() ? "/" : std::filesystem::path{path}.lexically_normal().string();
  request.query = parse_query(target.substr(std::min(target.size(), path_end + 1)));
}

HttpRequest to_request(const mg_request_info& info) {
  HttpRequest request;
  set_target(info.request_uri, request);
  if (info.query_string != nullptr) request.query = parse_query(info.query_string);  // CivetWeb has cut it off there
  for (int i = 0; i < info.num_headers; ++i)
    request.headers.emplace(lower(info.http_headers[i].name), info.http_headers[i].value);
  return request;
}

Ipv6 ipv6() {
  if (mg_check_feature(MG_FEATURES_IPV6) == 0) return Ipv6::kNotInCivetWeb;
  return kernel_has_ipv6() ? Ipv6::kAvailable : Ipv6::kNotInKernel;
}

// Whether IPv4 is listened on by itself at this port.
bool has_ipv4_at(int port, const std::vector<ListenAddress>& addresses) {
  return port != 0 && std::ranges::any_of(addresses, [port](const ListenAddress& address) {
           return !address.is_ipv6() && address.port == port;
         });
}

// As CivetWeb wants them: "PORT" is every IPv4 address, "+PORT" every address, and "[::]:PORT" every IPv6 address. A
// zone has to be a number, because a digit before an 's', as in "enp0s3", means TLS.
std::vector<std::string> listening_ports(const std::vector<ListenAddress>& addresses) {
  std::vector<std::string> ports;
  ports.reserve(addresses.size());
  for (const ListenAddress& address : addresses) {
    const bool is_every = address.has_no_host || (address.host == "::" && !has_ipv4_at(address.port, addresses));
    const std::string host = address.host == "0.0.0.0" ? ""
                             : is_every                ? "+"
                             : address.is_ipv6()       ? "[" + address.numeric_host() + "]:"
                                                       : address.host + ":";
    ports.push_back(host + std::to_string(address.port));
  }
  return ports;
}

const char* reason_phrase(mg_connection* connection, int status) {
  return mg_get_response_code_text(connection, status);
}

// Chunked for HTTP/1.1; until the connection closes for HTTP/1.0.
class Response : public HttpResponse {
 public:
  using Fixed = std::vector<std::pair<std::string, std::string>>;

  Response(mg_connection* connection, std::chrono::milliseconds patience)
      : connection_(connection), patience_(patience) {
    const mg_request_info& info = *mg_get_request_info(connection);
    head_only_ = std::strcmp(info.request_method, "HEAD") == 0;
    chunked_ = std::strcmp(info.http_version, "1.1") == 0;
  }

  void begin(int status, std::string_view content_type, const Headers& headers) override {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " " + reason_phrase(connection_, status);
    text.append("\r\nContent-Type: ").append(content_type).append("\r\nX-Content-Type-Options: nosniff");
    for (const auto& [name, value] : headers) text.append("\r\n").append(name).append(": ").append(value);
    for (const auto& [name, value] : fixed_) text.append("\r\n").append(name).append(": ").append(value);
    if (chunked_) text += "\r\nTransfer-Encoding: chunked";
    text += "\r\nConnection: close\r\n\r\n";
    pending_ = std::move(text);
    status_ = status;
    if (head_only_) flush();
  }

  void write(std::string_view body) override {
    if (!begin_part(body.size())) return;
    flush();
    send(body);
  }

  // What is pending goes out with it: each send is a system call, and may wake the client.
  void write(const Piece& body) override {
    if (!begin_part(body.size)) return;
    if (pending_.size() > Piece::kMargin) flush();
    char* const begin = body.begin - pending_.size();
    write_text(std::exchange(pending_, {}), begin);
    send({begin, static_cast<std::size_t>(body.begin - begin) + body.size});
  }

  bool head_only() const override { return head_only_; }
  bool has_sent() const { return has_sent_; }
  // That of the answer, once it has begun.
  int status() const { return status_; }
  // Headers that go with any answer.
  void always_send(const Fixed& headers) {
    for (const auto& header : headers)
      if (header.first != "X-Content-Type-Options") fixed_.push_back(header);  // is there in any case
  }
  void finish() {
    if (chunked_ && !head_only_) {
      begin_chunk(0);
      pending_ += "\r\n";
    }
    if (!is_gone()) flush();
    if (gone_) cut_off();
  }
  // Ends an answer that is not whole so that every client notices: for HTTP/1.0 a close would be its regular end.
  void cut_off() const {
    const mg_request_info& info = *mg_get_request_info(connection_);
    reset_connection(info.server_port, info.remote_addr, info.remote_port);
  }

 private:
  // Whether so much of a body is to be sent; then what stands before it is pending.
  bool begin_part(std::size_t size) {
    if (head_only_ || size == 0 || is_gone()) return false;
    if (chunked_) begin_chunk(size);
    return true;
  }

  void begin_chunk(std::size_t size) {
    if (std::exchange(in_body_, true)) pending_ += "\r\n";  // of the chunk before
    char digits[2 * sizeof size];
    pending_.append(digits, std::to_chars(digits, digits + sizeof digits, size, 16).ptr).append("\r\n");
  }

  void flush() {
    if (!pending_.empty()) send(pending_);
    pending_.clear();
  }

  // A write that takes too long may have gone out in part: what would come after it, would come after a gap.
  void send(std::string_view bytes) {
    has_sent_ = true;
    gone_ = gone_ || mg_write(connection_, bytes.data(), bytes.size()) != static_cast<int>(bytes.size());
  }

  // A client that reads too slowly is as good as gone.
  bool is_gone() {
    const auto now = std::chrono::steady_clock::now();
    if (!first_write_) first_write_ = now;
    return gone_ = gone_ || now > *first_write_ + patience_;
  }

  mg_connection* const connection_;
  Fixed fixed_;
  const std::chrono::milliseconds patience_;
  std::optional<std::chrono::steady_clock::time_point> first_write_;  // of the body
  bool head_only_ = false, chunked_ = false, in_body_ = false, has_sent_ = false, gone_ = false;
  int status_ = 0;
  std::string pending_;  // what goes out before the next piece of the body
};

// CivetWeb 1.15 loads OpenSSL by its name at run time. Debian's asks for the names of OpenSSL 1.1, and calls one that
// OpenSSL 3 does not have with each handshake that succeeds.
void require_tls() {
  constexpr char kProblem[] = "tls_server_config: this build of CivetWeb does not work with this OpenSSL; ";
  if ((mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) == 0)
    throw std::runtime_error(std::string{kProblem} + "it has no TLS support");
  void* const loaded = dlopen("libssl.so", RTLD_LAZY | RTLD_NOLOAD);
  if (loaded == nullptr) return;  // linked with it, and so built for it
  const bool complete = dlsym(loaded, "SSL_get_peer_certificate") != nullptr;
  dlclose(loaded);
  if (!complete) throw std::runtime_error(std::string{kProblem} + "build with -DVIRT_EXPORTER_OPENSSL_NAMES=ON");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), parameter.size() + 1));
    const auto equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value = parameter.substr(std::min(parameter.size(), equals + 1));
    if (!parameter.empty())
      parameters.emplace_back(url_decode(parameter.substr(0, equals), Plus::kBlank), url_decode(value, Plus::kBlank));
  }
  return parameters;
}

std::string_view HttpRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

void HttpResponse::say(int status, std::string_view line) {
  begin(status, "text/plain; charset=utf-8");
  write(std::string{line} + "\n");
}

class HttpServer::Implementation {
 public:
  Implementation(const std::string& addresses, std::map<std::string, HttpHandler> pages,
                 std::unique_ptr<WebAccess> access, const HttpLimits& limits, HttpInstruments instruments)
      : pages_(std::move(pages)),
        access_(std::move(access)),
        limits_(limits),
        instruments_(std::move(instruments)),
        addresses_(parse_listen_addresses(addresses, ipv6())) {
    const bool has_tls = access_ && access_->settings()->tls;
    if (has_tls) {
      require_tls();
      tls_.emplace([this] { return access_->settings()->tls; },
                   [&failed = instruments_.failed_handshakes()] { failed.Increment(); });
    }
    std::string ports;
    for (const std::string& port : listening_ports(addresses_))
      ports += (ports.empty() ? "" : ",") + port + (has_tls ? "s" : "");
    const std::string threads = std::to_string(limits.connections), timeout = std::to_string(limits.request.count());
    const char* options[] = {"listening_ports",
                             ports.c_str(),
                             "num_threads",
                             threads.c_str(),
                             "request_timeout_ms",
                             timeout.c_str(),
                             "enable_keep_alive",
                             "no",
                             "enable_auth_domain_check",  // or other hosts in absolute forms are refused
                             "no",
                             "enable_directory_listing",
                             "no",
                             nullptr};
    mg_init_library(0);
    mg_callbacks callbacks{};
    callbacks.init_connection = [](const mg_connection* connection, void** unanswered) {
      *unanswered = mg_get_user_data(mg_get_context(connection));
      return 0;
    };
    callbacks.begin_request = handle;
    callbacks.http_error = handle_error;
    callbacks.connection_close = handle_close;
    callbacks.external_ssl_ctx = [](void** context, void* self) {
      *context = static_cast<Implementation*>(self)->tls_->context();
      return 1;  // ours: to be left alone
    };
    callbacks.log_message = [](const mg_connection* connection, const char* message) {
      static_cast<Implementation*>(mg_get_user_data(mg_get_context(connection)))->keep_first(message);
      return 1;
    };
    context_ = mg_start(&callbacks, this, options);
    if (context_ == nullptr)
      throw std::runtime_error("--listen_address: cannot listen on " + failed_address() + ": " + start_error());
    take_ports();
  }

  ~Implementation() {
    stop(kPatience);
    close();
  }

  const std::vector<ListenAddress>& addresses() const { return addresses_; }

  void stop(std::chrono::milliseconds patience) {
    if (context_ == nullptr) return;
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    const bool all_done = wait_until_idle(patience);
    all_done ? stop_reading_at(ports()) : reset_all_at(ports());
    if (!all_done) wait_until_idle(kToGiveUp);
    wait_until_closed(kToGiveUp);
  }

 private:
  static constexpr std::chrono::milliseconds kPatience{1000};
  static constexpr std::chrono::milliseconds kToGiveUp{200};  // for handlers whose connections were reset

  // CivetWeb has them in the order of the list, as it listens on all or fails.
  void take_ports() {
    std::vector<mg_server_port> ports(addresses_.size());
    mg_get_server_ports(context_, static_cast<int>(ports.size()), ports.data());
    for (std::size_t i = 0; i < ports.size(); ++i) addresses_[i].port = static_cast<std::uint16_t>(ports[i].port);
  }

  std::vector<int> ports() const {
    std::vector<int> numbers;
    for (const ListenAddress& address : addresses_) numbers.push_back(address.port);
    return numbers;
  }

  bool wait_until_idle(std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, patience, [this] { return under_way_ == 0; });
  }

  // CivetWeb's threads close their connections themselves, over TLS with a word to the client.
  void wait_until_closed(std::chrono::milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (are_connected_at(ports()) && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }

  // A thread of CivetWeb's may look whether it is to end only every two seconds.
  void close() {
    if (context_ != nullptr) mg_stop(std::exchange(context_, nullptr));
  }

  // Any of CivetWeb's threads. What clients do wrong is no news.
  void keep_first(const char* message) {
    spdlog::debug("HTTP: {}", in_quotes(message));
    const std::lock_guard lock{mutex_};
    if (start_error_.empty()) start_error_ = message;
  }

  std::string start_error() const {
    const auto reason = start_error_.rfind(": ");  // "cannot bind to 9177: 98 (Address already in use)"
    return reason == std::string::npos ? start_error_ : start_error_.substr(reason + 2);
  }

  // The one that CivetWeb's message names, else all.
  std::string failed_address() const {
    const auto ports = listening_ports(addresses_);
    for (std::size_t i = 0; i < ports.size(); ++i)
      for (const char* end : {": ", "s: "})
        if (start_error_.find(" " + ports[i] + end) != std::string::npos) return addresses_[i].text();
    return to_text(addresses_);
  }

  // CivetWeb's thread: it waits for ours, so that the connection is used by one thread at a time.
  static int handle(mg_connection* connection) {
    if (auto* const self = take_unanswered(connection)) self->answer(connection);
    return 1;  // answered
  }

  // CivetWeb refuses absolute forms whose port it cannot read, such as that of an IPv6 address.
  static int handle_error(mg_connection* connection, int status, const char* message) {
    const mg_request_info* const info = mg_get_request_info(connection);  // null before there is a request
    auto* const self = take_unanswered(connection);
    const bool is_absolute = info != nullptr && info->request_uri != nullptr && authority_end(info->request_uri) > 0;
    if (self == nullptr) return 1;
    if (!is_absolute || std::string_view{message} != "Invalid URI") {
      self->instruments_.refused(status);
      return 1;  // its own answer
    }
    self->answer(connection);
    return 0;
  }

  // It closes without a word after absolute forms that name another port than its own.
  static void handle_close(const mg_connection* connection) {
    const mg_request_info* const info = mg_get_request_info(connection);  // null after a handshake that failed
    if (info == nullptr || info->request_uri == nullptr) return;
    if (auto* const self = take_unanswered(connection)) self->answer(const_cast<mg_connection*>(connection));
  }

  // Null if its request has its answer, or none was begun.
  static Implementation* take_unanswered(const mg_connection* connection) {
    auto* const self = static_cast<Implementation*>(mg_get_user_connection_data(connection));
    mg_set_user_connection_data(connection, nullptr);
    return self;
  }

  void answer(mg_connection* connection) {
    Response response{connection, limits_.answer};
    const auto begun = std::chrono::steady_clock::now();
    if (!enter()) return refuse(response, 503, "shutting down");
    try {
      std::thread{[&] { serve(connection, response); }}.join();
    } catch (const std::system_error&) {
      refuse(response, 503, "out of threads");
    }
    count(connection, response.status(), std::chrono::steady_clock::now() - begun);
    const std::lock_guard lock{mutex_};
    if (--under_way_ == 0) idle_.notify_all();
  }

  bool enter() {
    const std::lock_guard lock{mutex_};
    if (!stopping_) ++under_way_;
    return !stopping_;
  }

  void count(mg_connection* connection, int status, std::chrono::duration<double> duration) const {
    const auto page = pages_.find(to_request(*mg_get_request_info(connection)).path);
    page == pages_.end() ? instruments_.refused(status) : instruments_.answered(page->first, status, duration);
  }

  static void refuse(Response& response, int status, std::string_view line) {
    response.say(status, line);
    response.finish();
  }

  void serve(mg_connection* connection, Response& response) const {
    // Nothing may leave this thread: it would end the process.
    try {
      const mg_request_info& info = *mg_get_request_info(connection);
      admit(info.request_method, to_request(info), response);
    } catch (const std::exception& error) {
      spdlog::error("request failed: {}", error.what());
      if (response.has_sent()) return response.cut_off();
      response.say(500, "internal error");
    }
    response.finish();
  }

  void admit(std::string_view method, const HttpRequest& request, Response& response) const {
    if (!access_) return route(method, request, response);
    const auto settings = access_->settings();
    response.always_send(settings->config.headers);
    const bool is_ours = request.header(kSelfCheckHeader) == self_check_token();
    switch (access_->judge(settings->config, request.header("authorization"), !is_ours)) {
      case 401:
        response.begin(401, "text/plain; charset=utf-8",
                       {{"WWW-Authenticate", "Basic realm=\"virt_exporter\", charset=\"UTF-8\""}});
        return response.write("unauthorized\n");
      case 429: return response.say(429, "too many requests");
      default: route(method, request, response);
    }
  }

  void route(std::string_view method, const HttpRequest& request, Response& response) const {
    const auto page = pages_.find(request.path);
    if (page == pages_.end()) return response.say(404, "not found");
    if (method == "GET" || method == "HEAD") return page->second(request, response);
    response.begin(405, "text/plain; charset=utf-8", {{"Allow", "GET, HEAD"}});
    response.write("method not allowed\n");
  }

  const std::map<std::string, HttpHandler> pages_;
  const std::unique_ptr<WebAccess> access_;
  const HttpLimits limits_;
  const HttpInstruments instruments_;
  std::optional<TlsSwitch> tls_;          // without it OpenSSL is left asleep
  std::vector<ListenAddress> addresses_;  // constant after construction
  std::string start_error_;
  mg_context* context_ = nullptr;

  std::mutex mutex_;
  std::condition_variable idle_;
  // Guarded by mutex_.
  int under_way_ = 0;
  bool stopping_ = false;
};

HttpServer::HttpServer(const std::string& addresses, std::map<std::string, HttpHandler> pages)
    : HttpServer(addresses, std::move(pages), nullptr, {}) {}
HttpServer::HttpServer(const std::string& addresses, std::map<std::string, HttpHandler> pages,
                       std::unique_ptr<WebAccess> access, const HttpLimits& limits, HttpInstruments instruments)
    : implementation_(std::make_unique<Implementation>(addresses, std::move(pages), std::move(access), limits,
                                                       std::move(instruments))) {}
HttpServer::~HttpServer() = default;
const std::vector<ListenAddress>& HttpServer::addresses() const { return implementation_->addresses(); }
void HttpServer::stop(std::chrono::milliseconds patience) { implementation_->stop(patience); }

}  // namespace virt
