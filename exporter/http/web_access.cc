// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/web_access.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace virt {

const std::string& WebAccess::read(const std::string& path, Files& seen) {
  const WatchedFile& file = seen.try_emplace(path, path).first->second;
  if (!file.text())
    throw std::invalid_argument(path + " cannot be read: " + std::generic_category().message(file.error()));
  return *file.text();
}

WebSettings WebAccess::load(const std::string& file, Files& seen) {
  WebSettings settings{parse_web_config(read(file, seen), file), nullptr};
  const auto text = [&](const WebConfig::Pem& pem) { return pem.file.empty() ? pem.text : read(pem.file, seen); };
  if (const auto& tls = settings.config.tls)
    settings.tls = make_tls_context(*tls, {text(tls->cert), text(tls->key), text(tls->client_ca)});
  return settings;
}

WebAccess::WebAccess(std::string file) : file_(std::move(file)) {
  settings_ = std::make_shared<WebSettings>(load(file_, seen_));
}

bool WebAccess::changed() {
  return std::any_of(seen_.begin(), seen_.end(), [](auto& file) { return file.second.changed(); });
}

void WebAccess::reload() {
  Files seen;
  try {
    WebSettings settings = load(file_, seen);
    // Whoever writes a file in place makes it empty first: a moment without passwords.
    if (seen.at(file_).text()->empty()) throw std::invalid_argument(file_ + " is empty");
    if (!settings.tls != !settings_->tls)
      throw std::invalid_argument(file_ + ": restart the exporter to turn TLS on or off");
    settings_ = std::make_shared<WebSettings>(std::move(settings));
    spdlog::info("{} reloaded", file_);
  } catch (const std::exception& error) {
    spdlog::error("{}; the previous configuration stays in use", error.what());
  }
  seen_ = std::move(seen);
}

std::shared_ptr<const WebSettings> WebAccess::settings() {
  const std::lock_guard lock{mutex_};
  try {
    // CivetWeb's handshakes have 100 KiB of stack.
    if (changed()) std::thread{[this] { reload(); }}.join();
  } catch (const std::exception& error) {
    spdlog::error("cannot reload {}: {}", file_, error.what());
  }
  return settings_;
}

int WebAccess::judge(const WebConfig& config, std::string_view authorization, bool counted) {
  if (counted && !limiter_.allows(config.rate_limit, std::chrono::steady_clock::now())) return 429;
  if (!config.users.empty() && !auth_.admits(config.users, authorization)) return 401;
  return 200;
}

}  // namespace virt
