// SPDX-License-Identifier: Apache-2.0
#include "exporter/process.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace virt {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The number after `word` at the start of a line or field, as in "btime 1700000000".
std::optional<double> number_after(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream rest{text.substr(at + word.size())};
  double number = 0;
  return rest >> number ? std::optional{number} : std::nullopt;
}

// The fields of /proc/self/stat from the third on: the second, the name, may hold anything.
std::vector<double> stat_fields(const std::string& stat) {
  std::vector<double> fields;
  const auto end_of_name = stat.rfind(") ");
  if (end_of_name == std::string::npos) return fields;
  std::istringstream rest{stat.substr(end_of_name + 4)};  // skips the state, a letter
  for (double field = 0; rest >> field;) fields.push_back(field);
  return fields;
}

}  // namespace

ProcessReader::ProcessReader(std::string proc)
    : proc_(std::move(proc)), boot_(number_after(read_file(proc_ + "/stat"), "\nbtime ")) {}

void ProcessReader::add_stat(Stats& stats) const {
  constexpr std::size_t kUserTime = 14, kSystemTime = 15, kThreads = 20, kStartTime = 22, kVirtual = 23, kResident = 24;
  constexpr std::size_t kFirst = 4;  // proc(5) counts from 1; stat_fields begins with the fourth
  const auto fields = stat_fields(read_file(proc_ + "/self/stat"));
  if (fields.size() <= kResident - kFirst) return;
  const auto field = [&](std::size_t number) { return fields[number - kFirst]; };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  stats.add("process.cpu", (field(kUserTime) + field(kSystemTime)) / ticks);
  stats.add("process.threads", field(kThreads));
  stats.add("process.virtual", field(kVirtual));
  stats.add("process.resident", field(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (boot_) stats.add("process.start", *boot_ + field(kStartTime) / ticks);
}

Stats ProcessReader::read() const {
  Stats stats;
  add_stat(stats);
  std::error_code error;
  const std::filesystem::directory_iterator fds{proc_ + "/self/fd", error};
  if (!error) stats.add("process.fds", static_cast<double>(std::distance(begin(fds), end(fds))));
  if (const auto limit = number_after(read_file(proc_ + "/self/limits"), "Max open files"))
    stats.add("process.max_fds", *limit);
  return stats;
}

}  // namespace virt
