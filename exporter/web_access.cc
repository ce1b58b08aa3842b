// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_access.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace virt {
namespace {

std::optional<std::string> contents(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  std::string text;
  char piece[4096];
  while (stream.read(piece, sizeof piece), stream.gcount() > 0)
    text.append(piece, static_cast<std::size_t>(stream.gcount()));
  if (!stream.is_open() || stream.bad()) return std::nullopt;
  return text;
}

}  // namespace

const std::string& WebAccess::read(const std::string& path, Contents& seen) {
  errno = 0;
  const auto& text = seen[path] = contents(path);
  if (!text) throw std::invalid_argument(path + " cannot be read: " + std::generic_category().message(errno));
  return *text;
}

WebSettings WebAccess::load(const std::string& file, Contents& seen) {
  WebSettings settings{parse_web_config(read(file, seen), file), nullptr};
  const auto text = [&](const WebConfig::Pem& pem) { return pem.file.empty() ? pem.text : read(pem.file, seen); };
  if (const auto& tls = settings.config.tls)
    settings.tls = make_tls_context(*tls, {text(tls->cert), text(tls->key), text(tls->client_ca)});
  return settings;
}

WebAccess::WebAccess(std::string file) : file_(std::move(file)) {
  settings_ = std::make_shared<WebSettings>(load(file_, seen_));
}

bool WebAccess::changed() const {
  return std::any_of(seen_.begin(), seen_.end(), [](const auto& file) { return contents(file.first) != file.second; });
}

void WebAccess::reload() {
  Contents seen;
  try {
    WebSettings settings = load(file_, seen);
    // Whoever writes a file in place makes it empty first: a moment without passwords.
    if (seen[file_]->empty()) throw std::invalid_argument(file_ + " is empty");
    if (!settings.tls != !settings_->tls)
      throw std::invalid_argument(file_ + ": turning TLS on or off takes a restart");
    settings_ = std::make_shared<WebSettings>(std::move(settings));
    spdlog::info("{} is read again", file_);
  } catch (const std::exception& error) {
    spdlog::error("{}; what was read before stays", error.what());
  }
  seen_ = std::move(seen);
}

std::shared_ptr<const WebSettings> WebAccess::settings() {
  const std::lock_guard lock{mutex_};
  try {
    // CivetWeb's handshakes have 100 KiB of stack.
    if (changed()) std::thread{[this] { reload(); }}.join();
  } catch (const std::exception& error) {
    spdlog::error("{} cannot be read again: {}", file_, error.what());
  }
  return settings_;
}

int WebAccess::judge(const WebConfig& config, std::string_view authorization, bool counted) {
  if (counted && !limiter_.allows(config.rate_limit, std::chrono::steady_clock::now())) return 429;
  if (!config.users.empty() && !auth_.admits(config.users, authorization)) return 401;
  return 200;
}

}  // namespace virt
