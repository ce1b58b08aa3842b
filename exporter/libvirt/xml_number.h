// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_
#define VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>

#include "exporter/text/number.h"

namespace virt {

// The whole of `text` as a number that is not negative; nothing if it is anything else.
inline std::optional<double> xml_number(std::string_view text) {
  const auto value = to_number<double>(text, std::chars_format::fixed);
  return value >= 0.0 ? value : std::nullopt;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_
