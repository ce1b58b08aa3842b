// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace virt {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find("\r\n"));
  text.remove_prefix(std::min(text.size(), line.size() + 2));
  return line;
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

void put_chunks_together(std::string_view text, HttpReply& reply) {
  reply.complete = false;
  while (!text.empty() && !reply.complete) {
    const std::size_t size = std::stoul(std::string{take_line(text)}, nullptr, 16);
    reply.body += text.substr(0, size);
    text.remove_prefix(std::min(text.size(), size + 2));
    reply.complete = size == 0;
  }
}

}  // namespace

Socket::Socket(int port, const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) throw std::runtime_error(host);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address{found, freeaddrinfo};
  descriptor_ = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{20, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(descriptor_, address->ai_addr, address->ai_addrlen) != 0) fail("connect");
}

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Socket::send(std::string_view bytes) const { (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

std::string Socket::receive() {
  std::string all;
  char piece[4096];
  for (ssize_t size; (size = recv(descriptor_, piece, sizeof piece, 0)) != 0;) {
    was_reset_ = size < 0 && errno == ECONNRESET;
    if (was_reset_) break;
    if (size < 0) fail("recv");
    all.append(piece, static_cast<std::size_t>(size));
  }
  return all;
}

HttpReply parse_reply(std::string_view text) {
  HttpReply reply;
  const std::string_view status = take_line(text);
  if (!status.starts_with("HTTP/1.")) return reply;
  reply.status = std::stoi(std::string{status.substr(9)});
  for (std::string_view line; !(line = take_line(text)).empty();) {
    const auto colon = line.find(": ");
    reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  if (reply.headers.count("transfer-encoding") > 0 && !text.empty())
    put_chunks_together(text, reply);
  else
    reply.body = text;
  return reply;
}

std::string round_trip(int port, std::string_view bytes) {
  Socket socket{port};
  socket.send(bytes);
  return socket.receive();
}

HttpReply get_at(const std::string& host, int port, const std::string& target) {
  Socket socket{port, host};
  socket.send("GET " + target + " HTTP/1.0\r\n\r\n");
  HttpReply reply = parse_reply(socket.receive());
  reply.complete = !socket.was_reset();
  return reply;
}

HttpReply http(int port, const std::string& method, const std::string& target, const std::string& headers,
               const std::string& version) {
  Socket socket{port};
  socket.send(method + " " + target + " HTTP/" + version + "\r\nHost: localhost\r\n" + headers + "\r\n");
  HttpReply reply = parse_reply(socket.receive());
  reply.complete = reply.complete && !socket.was_reset();
  return reply;
}

}  // namespace virt
