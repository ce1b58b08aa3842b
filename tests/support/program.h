// SPDX-License-Identifier: Apache-2.0
// The real program, as a user runs it.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_PROGRAM_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_PROGRAM_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace virt {

struct Ended {
  int status;  // of exit; 128 + number of the signal that killed it
  std::string out, err;
};

// A running virt_exporter. Throws std::runtime_error where it says and does nothing for 60 seconds.
class Program {
 public:
  explicit Program(const std::vector<std::string>& flags, const std::string& file = VIRT_EXPORTER_PROGRAM);
  // Kills it if it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Returns when `text` stands on its standard error, or its standard error is closed.
  void wait_for_log(std::string_view text);
  // What it says that it listens on: "127.0.0.1:9177, [::1]:9177".
  std::string wait_for_addresses();
  // The port of the first.
  int wait_for_port();
  void signal(int number) const;
  // What it has said on its standard error, as far as it was waited for.
  const std::string& log() const { return error_; }
  pid_t pid() const { return pid_; }
  Ended wait();

 private:
  bool read_error();

  pid_t pid_ = -1;
  int out_, err_;  // a file in memory, and a pipe
  std::string error_;
};

inline Ended run_program(const std::vector<std::string>& flags, const std::string& file = VIRT_EXPORTER_PROGRAM) {
  return Program{flags, file}.wait();
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_PROGRAM_H_
