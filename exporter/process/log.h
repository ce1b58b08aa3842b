// SPDX-License-Identifier: Apache-2.0
// What the log says, and how often.
#ifndef VIRT_EXPORTER_PROCESS_LOG_H_
#define VIRT_EXPORTER_PROCESS_LOG_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/instruments.h"

namespace virt {

// Logs to standard error from now on; where that is the journal, in its form. Counts the lines. Throws
// std::invalid_argument for an unknown level.
void start_log(std::string_view level, const Instruments& instruments = {});
std::vector<Meters> log_meters();

// Whether start_log() lets debug lines through. Any thread, also one that outlives main() and with it the logger.
bool logs_debug();

// Text from outside for a line of the log: on one line, in valid UTF-8.
std::string one_line(std::string_view text);
// The same in quotes.
std::string in_quotes(std::string_view text);

// Says a thing once, and not again until it is over or another one takes its place. Any thread.
class LogOnce {
 public:
  // `subject` has this problem now.
  void problem(const std::string& subject, const std::string& text);
  // `subject` has none now; `relief` is logged if it had one.
  void no_problem(const std::string& subject, const std::string& relief);

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> problems_;  // guarded by mutex_
};

}  // namespace virt

#endif  // VIRT_EXPORTER_PROCESS_LOG_H_
