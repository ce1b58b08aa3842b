// SPDX-License-Identifier: Apache-2.0
#include "exporter/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

#include "exporter/utf8.h"

namespace virt {

void start_log(std::string_view level) {
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels))
    throw std::invalid_argument("--log_level: there is no level '" + std::string{level} +
                                "'; choose from debug, info, warning, error");
  auto logger = std::make_shared<spdlog::logger>("virt_exporter", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::from_str(std::string{level}));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : to_valid_utf8(text)) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return line;
}

std::string quoted(std::string_view text) { return "'" + one_line(text) + "'"; }

void LogOnce::problem(const std::string& subject, const std::string& text) {
  const std::lock_guard lock{mutex_};
  std::string& known = problems_[subject];
  if (known == text) return;
  known = text;
  spdlog::warn("{}: {}", subject, text);
}

void LogOnce::no_problem(const std::string& subject, const std::string& relief) {
  const std::lock_guard lock{mutex_};
  if (problems_.erase(subject) > 0) spdlog::info("{}: {}", subject, relief);
}

}  // namespace virt
