// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "exporter/text/utf8.h"

namespace virt {
namespace {

// JOURNAL_STREAM is the journal's socket, "device:inode"; a child may have it and write elsewhere.
bool is_journal(int descriptor) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat file {};
  return stream != nullptr && fstat(descriptor, &file) == 0 &&
         stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

// The journal takes the level from the front of a line, sd-daemon(3), and knows the time itself.
class JournalLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override {
    constexpr std::string_view kLevels[] = {"<7>", "<7>", "<6>", "<4>", "<3>", "<2>", "<7>"};  // trace, debug, …
    const std::string_view level = kLevels[message.level];
    line.append(level.data(), level.data() + level.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JournalLevel>(); }
};

std::unique_ptr<spdlog::formatter> line_format() {
  auto format = std::make_unique<spdlog::pattern_formatter>();
  if (is_journal(STDERR_FILENO))
    format->add_flag<JournalLevel>('*').set_pattern("%*%v");
  else
    format->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  return format;
}

constexpr Meter kMessages[] = {{"", "virt_exporter_log_messages_total", Type::kCumulative, kOne,
                                "Lines that the exporter wrote to its log, by level."}};

// Counts the lines of each level. The logger owns it: so other threads may log to the end of the process.
class LineCounter : public spdlog::sinks::sink {
 public:
  explicit LineCounter(Instruments instruments) : instruments_(std::move(instruments)) {}
  void log(const spdlog::details::log_msg& message) override {
    lines_[static_cast<std::size_t>(std::clamp(message.level, spdlog::level::debug, spdlog::level::err)) - 1]
        .get()
        .Increment();
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  std::reference_wrapper<prometheus::Counter> of(const char* level) {
    return instruments_.counter(kMessages[0], {{"level", level}});
  }

  const Instruments instruments_;
  const std::reference_wrapper<prometheus::Counter> lines_[4] = {of("debug"), of("info"), of("warning"), of("error")};
};

std::atomic<bool> shows_debug{false};

}  // namespace

bool logs_debug() { return shows_debug; }

std::vector<Meters> log_meters() { return {kMessages}; }

void start_log(std::string_view level, const Instruments& instruments) {
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels))
    throw std::invalid_argument("--log_level: unknown level '" + std::string{level} +
                                "'; choose from debug, info, warning, error");
  const spdlog::sinks_init_list sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                      std::make_shared<LineCounter>(instruments)};
  auto logger = std::make_shared<spdlog::logger>("virt_exporter", sinks);
  logger->set_level(spdlog::level::from_str(std::string{level}));
  logger->set_formatter(line_format());
  logger->flush_on(spdlog::level::debug);
  shows_debug = logger->should_log(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : to_valid_utf8(text)) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return line;
}

std::string in_quotes(std::string_view text) { return "'" + one_line(text) + "'"; }

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
