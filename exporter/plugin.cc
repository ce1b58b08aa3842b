// SPDX-License-Identifier: Apache-2.0
#include "exporter/plugin.h"

#include <spdlog/spdlog.h>

#include "exporter/process/log.h"

namespace virt {

void log(LogLevel level, std::string_view text) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  spdlog::log(kLevels[static_cast<std::size_t>(level)], "{}", one_line(text));
}

}  // namespace virt
