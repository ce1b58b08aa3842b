// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_FUZZ_CHECK_H_
#define VIRT_EXPORTER_TESTS_FUZZ_CHECK_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace virt {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What must be true whatever the input is.
inline void check(bool truth, const char* what) {
  if (truth) return;
  std::fputs(what, stderr);
  std::abort();
}

}  // namespace virt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#endif  // VIRT_EXPORTER_TESTS_FUZZ_CHECK_H_
