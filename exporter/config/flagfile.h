// SPDX-License-Identifier: Apache-2.0
// --flagfile is the configuration file: flags, one on each line.
#ifndef VIRT_EXPORTER_CONFIG_FLAGFILE_H_
#define VIRT_EXPORTER_CONFIG_FLAGFILE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace virt {

// Whether a flag of this name is known and has a value, which may be the next argument.
using TakesValue = std::function<bool(std::string_view name)>;

// The arguments with the lines of each flag file in its place, and in the place of its own --flagfile lines those of
// the files that they name, separated by commas. A line is "--NAME=VALUE" or "--NAME"; empty lines and those that begin
// with
// '#' are comments.
//
// Throws std::invalid_argument, with file and line, for a line that is not a flag or lacks its value, for a file that
// cannot be read or names itself, and where the environment would bring in another one. gflags, which would expand the
// files as well, passes in silence over flags that it does not know and over all that follows a line that is not a
// flag, and follows a circle until its stack ends.
std::vector<std::string> expand_flagfiles(const std::vector<std::string>& arguments, const TakesValue& takes_value);

}  // namespace virt

#endif  // VIRT_EXPORTER_CONFIG_FLAGFILE_H_
