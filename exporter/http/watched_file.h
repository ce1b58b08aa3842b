// SPDX-License-Identifier: Apache-2.0
// A file that is read again when it changes.
#ifndef VIRT_EXPORTER_HTTP_WATCHED_FILE_H_
#define VIRT_EXPORTER_HTTP_WATCHED_FILE_H_

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace virt {

// One thread at a time.
class WatchedFile {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  // Reads it.
  explicit WatchedFile(std::string path, Clock now = std::chrono::system_clock::now);

  // What it held when it was read; nothing if it could not be read, and then why, as an errno.
  const std::optional<std::string>& text() const { return text_; }
  int error() const { return error_; }

  // Whether it holds something else than text() by now. Reads it only if its status changed, or was so young when the
  // file was read that a later change may have left it as it was.
  bool changed();

 private:
  void read();
  bool is_settled() const;

  std::string path_;
  Clock now_;
  std::optional<struct stat> status_;  // from before the text was read
  bool settled_ = false;               // a change since then shows in the status
  std::optional<std::string> text_;
  int error_ = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_WATCHED_FILE_H_
