// SPDX-License-Identifier: Apache-2.0
// An HTTP client of plain sockets: it hides nothing of what the server sends.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_HTTP_CLIENT_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_HTTP_CLIENT_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace virt {

struct HttpReply {
  int status = 0;                              // 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // its chunks put together
  bool complete = true;                        // false if the last chunk is missing, or the connection was reset
};

// A connection to `host`, a numeric address; it closes with its owner. Throws std::runtime_error where nobody listens,
// or nothing comes for 20 seconds.
class Socket {
 public:
  explicit Socket(int port, const std::string& host = "127.0.0.1");
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), was_reset_(other.was_reset_) {}
  Socket(const Socket&) = delete;

  // A server that answers early may have closed already; what it said is still there.
  void send(std::string_view bytes) const;
  // All that comes until the server closes, or resets the connection.
  std::string receive();
  bool was_reset() const { return was_reset_; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool was_reset_ = false;
};

// The answer that stands in these bytes.
HttpReply parse_reply(std::string_view bytes);

// Sends these very bytes to 127.0.0.1:port and returns all that comes until the server closes. Throws
// std::runtime_error where nobody listens, or nothing comes for 20 seconds.
std::string round_trip(int port, std::string_view bytes);

// Sends `method target HTTP/version` with these lines of headers ("Accept: */*\r\n").
HttpReply http(int port, const std::string& method, const std::string& target, const std::string& headers = "",
               const std::string& version = "1.1");

// GET at any address, by HTTP/1.0.
HttpReply get_at(const std::string& host, int port, const std::string& target);

inline HttpReply get(int port, const std::string& target, const std::string& headers = "") {
  return http(port, "GET", target, headers);
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_HTTP_CLIENT_H_
