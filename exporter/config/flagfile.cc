// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/flagfile.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

constexpr std::string_view kFlagfile = "flagfile";

struct Flag {
  std::string_view name;
  std::optional<std::string_view> value;  // what follows "="
};

// Nothing if it is not a flag.
std::optional<Flag> parse(std::string_view argument) {
  const std::size_t dashes = argument.starts_with("--") ? 2 : argument.starts_with('-') ? 1 : 0;
  if (dashes == 0 || argument.size() == dashes) return std::nullopt;
  argument.remove_prefix(dashes);
  const auto equals = argument.find('=');
  if (equals == std::string_view::npos) return Flag{argument, std::nullopt};
  return Flag{argument.substr(0, equals), argument.substr(equals + 1)};
}

// `where` stands before what is wrong.
std::string read(const std::string& file, const std::string& where) {
  constexpr std::size_t kMost = 1 << 20;
  std::ifstream in{file, std::ios::binary};
  std::string text(kMost + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad())
    throw std::invalid_argument(where + file + " cannot be read: " + std::system_category().message(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMost) throw std::invalid_argument(where + file + " is larger than 1 MiB: it is not a flag file");
  if (text.find('\0') != std::string::npos) throw std::invalid_argument(where + file + " is not a text file");
  return text;
}

class Expansion {
 public:
  explicit Expansion(const TakesValue& takes_value) : takes_value_(takes_value) {}

  std::vector<std::string> of(const std::vector<std::string>& arguments) && {
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
      if (*argument == "--") return expanded_.insert(expanded_.end(), argument, arguments.end()), std::move(expanded_);
      auto flag = parse(*argument);
      const std::string& whole = *argument;
      const bool value_follows =
          flag && !flag->value && takes_value_(flag->name) && std::next(argument) != arguments.end();
      if (value_follows) flag->value = *++argument;
      if (flag) check_environment(*flag, "");
      if (flag && flag->name == kFlagfile && flag->value) {
        add_files(*flag->value, "--flagfile: ");
        continue;
      }
      expanded_.push_back(whole);
      if (value_follows) expanded_.push_back(*argument);
    }
    return std::move(expanded_);
  }

 private:
  void add_files(std::string_view files, const std::string& where) {
    for (const std::string_view file : split(files, ',')) add_file(std::string{file}, where);
  }

  void add_file(const std::string& file, const std::string& where) {
    for (const std::string& open : open_)
      if (std::error_code none; std::filesystem::equivalent(open, file, none))
        throw std::invalid_argument(where + file + " includes itself, directly or through another file");
    const std::string text = read(file, where);
    std::string_view rest = text;
    if (constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF"; rest.starts_with(kByteOrderMark))
      rest.remove_prefix(kByteOrderMark.size());
    open_.push_back(file);
    for (std::size_t number = 1; !rest.empty(); ++number) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      for (const std::string_view part : split(line, '\r')) add_line(part, file + ":" + std::to_string(number) + ": ");
    }
    open_.pop_back();
  }

  void add_line(std::string_view line, const std::string& where) {
    if (line.starts_with('#')) return;
    const auto flag = parse(line);
    if (!flag || flag->name.find_first_of(" \t") != std::string_view::npos)
      throw std::invalid_argument(where + in_quotes(line) + " is not a flag: write --NAME=VALUE, one on each line");
    if (!flag->value && takes_value_(flag->name))
      throw std::invalid_argument(where + in_quotes(line) + " lacks its value: write --NAME=VALUE");
    check_environment(*flag, where);
    if (flag->name == kFlagfile)
      add_files(*flag->value, where);
    else
      expanded_.emplace_back(line);
  }

  // gflags would read such files by itself, by rules of its own, and such lists without an end.
  static void check_environment(const Flag& flag, const std::string& where) {
    if ((flag.name != "fromenv" && flag.name != "tryfromenv") || !flag.value) return;
    for (const std::string_view name : split(*flag.value, ','))
      if (name == kFlagfile || name == "fromenv" || name == "tryfromenv")
        throw std::invalid_argument(where + "--" + std::string{flag.name} + " cannot take " + in_quotes(name) +
                                    " from the environment");
  }

  const TakesValue& takes_value_;
  std::vector<std::string> open_;  // files, each named by the one before
  std::vector<std::string> expanded_;
};

}  // namespace

std::vector<std::string> expand_flagfiles(const std::vector<std::string>& arguments, const TakesValue& takes_value) {
  return Expansion{takes_value}.of(arguments);
}

}  // namespace virt
