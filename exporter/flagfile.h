// SPDX-License-Identifier: Apache-2.0
// --flagfile is the configuration file: flags, one on each line.
#ifndef VIRT_EXPORTER_FLAGFILE_H_
#define VIRT_EXPORTER_FLAGFILE_H_

#include <string>
#include <vector>

namespace virt {

// The arguments with the lines of each flagfile in its place; empty lines and those that begin with '#' are
// comments. gflags would pass over a flag in the file that it does not know, and over all that follows a
// line that is no flag. Throws std::invalid_argument for a file that cannot be read.
std::vector<std::string> expand_flagfiles(const std::vector<std::string>& arguments);

}  // namespace virt

#endif  // VIRT_EXPORTER_FLAGFILE_H_
