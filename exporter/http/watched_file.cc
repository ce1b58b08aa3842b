// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/watched_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

namespace virt {
namespace {

// Of the timestamps of files: local ones have a tick of the kernel, some others two seconds.
constexpr std::chrono::seconds kGranularity{2};

std::optional<std::string> contents(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  std::string text;
  char piece[4096];
  while (stream.read(piece, sizeof piece), stream.gcount() > 0)
    text.append(piece, static_cast<std::size_t>(stream.gcount()));
  if (!stream.is_open() || stream.bad()) return std::nullopt;
  return text;
}

// Of the file that links lead to: to replace a link is to replace the file.
std::optional<struct stat> status(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

std::chrono::system_clock::time_point to_time(const timespec& time) {
  return std::chrono::system_clock::time_point{std::chrono::duration_cast<std::chrono::system_clock::duration>(
      std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec})};
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         to_time(one.st_mtim) == to_time(other.st_mtim) && to_time(one.st_ctim) == to_time(other.st_ctim);
}

}  // namespace

WatchedFile::WatchedFile(std::string path, Clock now) : path_(std::move(path)), now_(std::move(now)) { read(); }

bool WatchedFile::changed() {
  const auto now = status(path_);
  if (settled_ && now && is_same(*now, *status_)) return false;
  WatchedFile again{path_, now_};
  if (again.text_ != text_) return true;
  *this = std::move(again);
  return false;
}

void WatchedFile::read() {
  status_ = status(path_);
  settled_ = is_settled();
  errno = 0;
  text_ = contents(path_);
  error_ = errno;
  settled_ = settled_ && text_;  // else the reason may go without a trace in the status
}

bool WatchedFile::is_settled() const {
  return status_ && std::max(to_time(status_->st_mtim), to_time(status_->st_ctim)) + kGranularity < now_();
}

}  // namespace virt
