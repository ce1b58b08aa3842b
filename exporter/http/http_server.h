// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server over CivetWeb: GET and HEAD, exact paths, streamed answers.
#ifndef VIRT_EXPORTER_HTTP_HTTP_SERVER_H_
#define VIRT_EXPORTER_HTTP_HTTP_SERVER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/http/http_instruments.h"
#include "exporter/http/listen_address.h"
#include "exporter/text/pieces.h"

namespace virt {

class WebAccess;

struct HttpRequest {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::map<std::string, std::string> headers;              // names in lower case

  // The header's value, or "" if there is none.
  std::string_view header(const std::string& name) const;
};

// An answer. begin() comes first and once; what is written after it goes to the client at once. For HEAD,
// nothing is sent after the headers. Where a client is gone, or reads too slowly, the rest is dropped; an answer that
// it did not get whole ends with a reset of the connection.
class HttpResponse {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string>>;
  virtual ~HttpResponse() = default;
  virtual void begin(int status, std::string_view content_type, const Headers& headers = {}) = 0;
  virtual void write(std::string_view body) = 0;
  // The same, and quicker; overwrites what is before the piece.
  virtual void write(const Piece& body) = 0;
  // The client asks for the headers only: there is no need to make a body.
  virtual bool head_only() const = 0;

  // A whole answer of one line.
  void say(int status, std::string_view line);
};

// Runs on a thread of its own with a stack of the usual size (CivetWeb's have 100 KiB), one for each
// request. What it throws becomes a 500 if nothing was sent yet; else the answer is cut off.
using HttpHandler = std::function<void(const HttpRequest&, HttpResponse&)>;

// What a client may take up.
struct HttpLimits {
  // Connections at once; more wait for one to end. One that says nothing, or does not read, holds its own until the
  // timeout, so there are more than anybody needs who scrapes. One without work costs about 8 KiB.
  int connections = 128;
  std::chrono::milliseconds request{5000};  // for a TLS handshake, for a request to arrive, for one write to go out
  std::chrono::milliseconds answer{60000};  // for all writes of an answer
};

class HttpServer {
 public:
  // Serves `pages` (by path) at `addresses`, as of parse_listen_addresses, to everyone. Throws what that throws, and
  // std::runtime_error if one of them cannot be had. "[::]:PORT" serves both families, or IPv6 only if the list also
  // has IPv4 addresses with that port.
  HttpServer(const std::string& addresses, std::map<std::string, HttpHandler> pages);
  // To those whom `access` lets in, over TLS if it says so; null: to everyone. Throws std::runtime_error also
  // where there is no TLS to be had.
  HttpServer(const std::string& addresses, std::map<std::string, HttpHandler> pages, std::unique_ptr<WebAccess> access,
             const HttpLimits& limits = {}, HttpInstruments instruments = HttpInstruments{});
  // Calls stop(), and then waits for handlers that are still not back.
  ~HttpServer();

  // Those it listens at, each with its port, in the order of the list.
  const std::vector<ListenAddress>& addresses() const;
  // The port of the first.
  int port() const { return addresses().front().port; }

  // Refuses new requests with 503 and waits for those under way, at most for so long. Then closes, and cuts off what is
  // still under way. A handler that does not even then come back goes on, on its thread, until the destructor, which
  // also ends the threads.
  void stop(std::chrono::milliseconds patience = std::chrono::seconds{1});

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// The parameters of a query string, decoded, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_HTTP_SERVER_H_
