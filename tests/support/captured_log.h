// SPDX-License-Identifier: Apache-2.0
// What is logged while it lives, one "level text" on each line.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_CAPTURED_LOG_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_CAPTURED_LOG_H_

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

namespace virt {

class CapturedLog {
 public:
  CapturedLog() {
    auto logger = std::make_shared<spdlog::logger>("captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
  }
  ~CapturedLog() { spdlog::set_default_logger(previous_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // Not while other threads log.
  std::string text() const { return text_.str(); }

 private:
  const std::shared_ptr<spdlog::logger> previous_ = spdlog::default_logger();
  std::ostringstream text_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_CAPTURED_LOG_H_
