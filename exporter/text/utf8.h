// SPDX-License-Identifier: Apache-2.0
// Names of guests are untrusted bytes, and one invalid one costs Prometheus the whole scrape.
#ifndef VIRT_EXPORTER_TEXT_UTF8_H_
#define VIRT_EXPORTER_TEXT_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace virt {

// `bytes` with each byte that is not part of a valid UTF-8 sequence (no overlong forms, no surrogates)
// replaced by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

// The first bytes of `text`, at most so many, and no part of a character.
std::string_view cut(std::string_view text, std::size_t most);

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_UTF8_H_
