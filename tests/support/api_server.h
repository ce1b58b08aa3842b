// SPDX-License-Identifier: Apache-2.0
// A server of HTTP that answers as a test says, and a cloud of such.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_API_SERVER_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_API_SERVER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/openstack/cloud_config.h"

namespace virt {

struct ApiCall {
  std::string method, path, query, body;
  std::map<std::string, std::string> headers;  // names in lower case
};

struct ApiReply {
  int status = 200;
  std::string body;
  std::string headers = {};  // lines, each with its end
  std::chrono::milliseconds delay = {};
  bool is_cut_off = false;  // the connection closes in the middle of the body
};

// Listens on 127.0.0.1. Any thread.
class ApiServer {
 public:
  using Answer = std::function<ApiReply(const ApiCall&)>;

  // Calls `answer` on threads of its own, several at once.
  explicit ApiServer(Answer answer);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  std::string url() const;  // "http://127.0.0.1:40123"
  std::vector<ApiCall> calls() const;

  struct Server;

 private:
  int port() const;

  const std::unique_ptr<Server> server_;
};

// A cloud whose services are one server: paths begin with /identity/v3, /network/v2.0, /compute/v2.1, /image/v2,
// /volume/v3 and /placement.
class FakeCloud {
 public:
  FakeCloud();

  // What a path answers from now on, one reply after the other, the last one again and again.
  void answer(const std::string& path, std::vector<ApiReply> replies);
  // What the tokens are from now on that Keystone gives for the password "secret".
  void give_tokens(const std::string& role, int seconds = 3600);

  CloudConfig config(const std::string& password = "secret") const;
  // How often a path was asked for; "POST /identity/v3/auth/tokens" are logins.
  std::size_t count(const std::string& path) const;
  std::vector<ApiCall> calls(const std::string& path) const;

 private:
  ApiReply reply(const ApiCall& call);
  ApiReply login(const ApiCall& call) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::vector<ApiReply>> replies_;
  std::string role_ = "admin";
  int seconds_ = 3600, tokens_ = 0;

  std::unique_ptr<ApiServer> server_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_API_SERVER_H_
