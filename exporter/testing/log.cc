// SPDX-License-Identifier: Apache-2.0
// virt::log() of exporter/plugin.h for tests: there is no log, so its lines go to standard error.
#include <cstdio>

#include "exporter/plugin.h"

namespace virt {

void log(LogLevel level, std::string_view text) {
  constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};
  std::fprintf(stderr, "%s %.*s\n", kLevels[static_cast<std::size_t>(level)], static_cast<int>(text.size()),
               text.data());
}

}  // namespace virt
