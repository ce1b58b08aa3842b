// SPDX-License-Identifier: Apache-2.0
// What was counted, as text.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_COUNTED_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_COUNTED_H_

#include <chrono>
#include <string>
#include <thread>

#include "exporter/instruments.h"
#include "exporter/testing/expose.h"
#include "exporter/text/collected.h"

namespace virt {

inline std::string text_of(const std::vector<prometheus::MetricFamily>& families) {
  std::string text;
  Pieces pieces{[&](const Piece& piece) { text += piece.text(); }};
  write_collected(families, pieces);
  pieces.finish();
  return text;
}

// The samples, without HELP and TYPE.
inline std::string counted(const Instruments& instruments) { return samples_only(text_of(instruments.collect())); }

// Waits until one of the samples is this line, for what another thread counts. False if it does not come.
inline bool comes_to_count(const Instruments& instruments, const std::string& line) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (("\n" + counted(instruments)).find("\n" + line + "\n") == std::string::npos) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_COUNTED_H_
