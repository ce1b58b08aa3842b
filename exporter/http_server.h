// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server over CivetWeb: GET and HEAD, exact paths, streamed answers.
#ifndef VIRT_EXPORTER_HTTP_SERVER_H_
#define VIRT_EXPORTER_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace virt {

struct HttpRequest {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::map<std::string, std::string> headers;              // names in lower case

  // The header's value, or "" if there is none.
  std::string_view header(const std::string& name) const;
};

// An answer. begin() comes first and once; what is written after it goes to the client at once. For HEAD,
// nothing is sent after the headers. A client that went away swallows the rest.
class HttpResponse {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string>>;
  virtual ~HttpResponse() = default;
  virtual void begin(int status, std::string_view content_type, const Headers& headers = {}) = 0;
  virtual void write(std::string_view body) = 0;
  // The client asks for the headers only: there is no need to make a body.
  virtual bool head_only() const = 0;

  // A whole answer of one line.
  void say(int status, std::string_view line);
};

// Runs on a thread of its own with a stack of the usual size (CivetWeb's have 100 KiB), one for each
// request. What it throws becomes a 500 if begin() was not called yet.
using HttpHandler = std::function<void(const HttpRequest&, HttpResponse&)>;

class HttpServer {
 public:
  // Serves `pages` (by path) at `address` ("HOST:PORT"; an empty host or 0.0.0.0 is every IPv4 address, port
  // 0 a free port), `threads` of them at once. Throws std::invalid_argument for an address of another form and
  // std::runtime_error if it cannot be had.
  HttpServer(const std::string& address, std::map<std::string, HttpHandler> pages, unsigned threads = 16);
  // Calls stop().
  ~HttpServer();

  int port() const;

  // Refuses new requests with 503, waits for those under way, and closes. Once.
  void stop();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_SERVER_H_
