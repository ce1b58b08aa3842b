// SPDX-License-Identifier: Apache-2.0
// No streams: what is read once with each scrape is cold, and they are a lot of code.
#include "exporter/process/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace virt {
namespace {

std::string read_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text;
  char piece[4096];
  for (ssize_t size = 0; (size = read(file, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(size));
  close(file);
  return text;
}

// The whole numbers at the start of a text, which blanks separate; no more than `most`.
std::vector<double> numbers_in(std::string_view text, std::size_t most) {
  std::vector<double> numbers;
  numbers.reserve(most);
  while (numbers.size() < most) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    long long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) break;
    numbers.push_back(static_cast<double>(number));
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return numbers;
}

// When the machine was booted, of /proc/stat: "btime 1700000000".
std::optional<double> boot_of(std::string_view stat) {
  constexpr std::string_view kName = "\nbtime ";
  const auto at = stat.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  const auto numbers = numbers_in(stat.substr(at + kName.size()), 1);
  return numbers.empty() ? std::nullopt : std::optional{numbers.front()};
}

// Of proc(5), which counts from 1; the third is a letter.
enum Field { kFirst = 4, kUserTime = 14, kSystemTime, kThreads = 20, kStartTime = 22, kVirtual, kResident, kEnd };

// The fields of /proc/self/stat from kFirst on; the second, the name, may hold anything.
std::vector<double> fields_of(std::string_view stat) {
  constexpr std::size_t kState = 4;  // ") S ", after which the numbers begin
  const auto end_of_name = stat.rfind(") ");
  if (end_of_name == std::string_view::npos || stat.size() < end_of_name + kState) return {};
  return numbers_in(stat.substr(end_of_name + kState), kEnd - kFirst);
}

std::optional<double> count_entries(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{opendir(path.c_str()), closedir};
  if (!directory) return std::nullopt;
  int count = 0;
  while (const dirent* entry = readdir(directory.get()))
    if (entry->d_name[0] != '.') ++count;
  return count;
}

std::optional<double> size_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? std::optional{static_cast<double>(status.st_size)} : std::nullopt;
}

}  // namespace

ProcessReader::ProcessReader(std::string proc) : proc_(std::move(proc)), boot_(boot_of(read_file(proc_ + "/stat"))) {
  const auto size = size_of(files()), count = count_entries(files());
  size_is_count_ = size && count && *size + 1 == *count;  // with the directory itself, open while it is read
}

void ProcessReader::add_stat(StatsBuilder& stats) const {
  const auto fields = fields_of(read_file(proc_ + "/self/stat"));
  if (fields.size() < kEnd - kFirst) return;
  const auto value = [&](Field field) { return fields[static_cast<std::size_t>(field - kFirst)]; };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  stats.add("process.cpu", (value(kUserTime) + value(kSystemTime)) / ticks);
  stats.add("process.threads", value(kThreads));
  stats.add("process.virtual", value(kVirtual));
  stats.add("process.resident", value(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (boot_) stats.add("process.start", *boot_ + value(kStartTime) / ticks);
}

Stats ProcessReader::read() const {
  StatsBuilder stats;
  add_stat(stats);
  if (const auto count = size_is_count_ ? size_of(files()) : count_entries(files())) stats.add("process.fds", *count);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    stats.add("process.max_fds", static_cast<double>(limit.rlim_cur));
  return stats.build();
}

}  // namespace virt
