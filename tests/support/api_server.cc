// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_server.h"

#include <civetweb.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "tests/support/http_client.h"

namespace virt {

struct ApiServer::Server {
  Answer answer;
  mg_context* context = nullptr;
  mutable std::mutex mutex;
  std::vector<ApiCall> calls;  // guarded by mutex

  static std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }

  static ApiCall read(mg_connection* connection) {
    const mg_request_info* const info = mg_get_request_info(connection);
    ApiCall call{
        info->request_method, info->local_uri, info->query_string == nullptr ? "" : info->query_string, {}, {}};
    for (int i = 0; i < info->num_headers; ++i)
      call.headers[lower(info->http_headers[i].name)] = info->http_headers[i].value;
    char bytes[4096];
    for (int size = 0; info->content_length > 0 && (size = mg_read(connection, bytes, sizeof bytes)) > 0;)
      call.body.append(bytes, static_cast<std::size_t>(size));
    return call;
  }

  static void write(mg_connection* connection, const ApiReply& reply) {
    const std::size_t size = reply.is_cut_off ? reply.body.size() * 2 + 1 : reply.body.size();
    const std::string head = "HTTP/1.1 " + std::to_string(reply.status) +
                             " x\r\nContent-Length: " + std::to_string(size) + "\r\n" + reply.headers +
                             (reply.is_cut_off ? "Connection: close\r\n" : "") + "\r\n";
    mg_write(connection, head.data(), head.size());
    mg_write(connection, reply.body.data(), reply.body.size());
  }

  static int handle(mg_connection* connection, void* user) {
    auto& server = *static_cast<Server*>(user);
    ApiCall call = read(connection);
    {
      const std::lock_guard lock{server.mutex};
      server.calls.push_back(call);
    }
    const ApiReply reply = server.answer(call);
    std::this_thread::sleep_for(reply.delay);
    write(connection, reply);
    return reply.status;
  }
};

ApiServer::ApiServer(Answer answer) : server_(std::make_unique<Server>()) {
  server_->answer = std::move(answer);
  const char* options[] = {"listening_ports", "127.0.0.1:0", "num_threads", "8", nullptr};
  const mg_callbacks callbacks{};
  server_->context = mg_start(&callbacks, nullptr, options);
  if (server_->context == nullptr) throw std::runtime_error("the server of the test cannot be started");
  mg_set_request_handler(server_->context, "**", &Server::handle, server_.get());
}

// The thread that accepts connections looks whether it is to end when one comes, or every two seconds.
ApiServer::~ApiServer() {
  const int port_number = port();
  std::thread stop{[this] { mg_stop(server_->context); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{10});
  try {
    const Socket wake{port_number};
  } catch (const std::runtime_error&) {
    // it has ended already
  }
  stop.join();
}

int ApiServer::port() const {
  mg_server_port ports[1]{};
  mg_get_server_ports(server_->context, 1, ports);
  return ports[0].port;
}

std::string ApiServer::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

std::vector<ApiCall> ApiServer::calls() const {
  const std::lock_guard lock{server_->mutex};
  return server_->calls;
}

// ---- A cloud -----------------------------------------------------------------------------------------------

FakeCloud::FakeCloud() : server_(std::make_unique<ApiServer>([this](const ApiCall& call) { return reply(call); })) {
  answer("/compute/v2.1/", {{200, R"({"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}})"}});
  answer("/placement/", {{200, R"({"versions": [{"id": "v1.0", "max_version": "1.30", "min_version": "1.0"}]})"}});
  answer("/volume/v3/", {{200, R"({"versions": [{"id": "v3.0", "version": "3.71", "min_version": "3.0"}]})"}});
}

void FakeCloud::answer(const std::string& path, std::vector<ApiReply> replies) {
  const std::lock_guard lock{mutex_};
  std::reverse(replies.begin(), replies.end());
  replies_[path] = std::move(replies);
}

void FakeCloud::give_tokens(const std::string& role, int seconds) {
  const std::lock_guard lock{mutex_};
  role_ = role;
  seconds_ = seconds;
}

ApiReply FakeCloud::reply(const ApiCall& call) {
  const std::lock_guard lock{mutex_};
  const auto known = replies_.find(call.path);
  if (known == replies_.end()) {
    if (call.path != "/identity/v3/auth/tokens") return {404, "{}"};
    ++tokens_;
    return login(call);
  }
  ApiReply reply = known->second.back();
  if (known->second.size() > 1) known->second.pop_back();
  return reply;
}

ApiReply FakeCloud::login(const ApiCall& call) const {
  if (call.body.find("\"secret\"") == std::string::npos) return {401, R"({"error": {"code": 401}})"};
  const auto time_text = [](std::time_t time) {
    std::tm date{};
    gmtime_r(&time, &date);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000000Z", &date);
    return std::string{text};
  };
  const auto entry = [this](const std::string& type, const std::string& path) {
    return R"({"type": ")" + type + R"(", "endpoints": [{"interface": "public", "region_id": "one", "url": ")" +
           server_->url() + path + R"("}]})";
  };
  const std::time_t now = std::time(nullptr);
  return {201,
          R"({"token": {"issued_at": ")" + time_text(now) + R"(", "expires_at": ")" + time_text(now + seconds_) +
              R"(", "roles": [{"name": ")" + role_ +
              R"("}], "project": {"id": "p1", "name": "ops"}, "user": {"name": "reader"}, "catalog": [)" +
              entry("identity", "/identity") + "," + entry("network", "/network") + "," +
              entry("compute", "/compute/v2.1/p1") + "," + entry("image", "/image") + "," +
              entry("block-storage", "/volume/v3") + "," + entry("placement", "/placement") + "]}}",
          "X-Subject-Token: token-" + std::to_string(tokens_) + "\r\n"};
}

CloudConfig FakeCloud::config(const std::string& password) const {
  CloudConfig config;
  config.name = "fake";
  config.auth_url = server_->url() + "/identity/v3";
  config.user_name = "reader";
  config.user_domain_name = "Default";
  config.password = password;
  config.project_name = "ops";
  config.project_domain_name = "Default";
  return config;
}

std::vector<ApiCall> FakeCloud::calls(const std::string& path) const {
  std::vector<ApiCall> calls = server_->calls();
  std::erase_if(calls, [&](const ApiCall& call) { return call.path != path; });
  return calls;
}

std::size_t FakeCloud::count(const std::string& path) const { return calls(path).size(); }

}  // namespace virt
