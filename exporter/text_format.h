// SPDX-License-Identifier: Apache-2.0
// Prometheus' text exposition format, version 0.0.4.
#ifndef VIRT_EXPORTER_TEXT_FORMAT_H_
#define VIRT_EXPORTER_TEXT_FORMAT_H_

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace virt {

inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// Appends one family: HELP, TYPE and its samples. A family without samples is not written. Numbers are the
// shortest text that reads back as the same double.
void append_text(const prometheus::MetricFamily& family, std::string& text);

// Takes a text piece by piece.
using Sink = std::function<void(std::string_view)>;

// Writes families in pieces of some 64 KiB, so that the whole text is never in memory.
void write_families(const std::vector<prometheus::MetricFamily>& families, const Sink& sink);

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_FORMAT_H_
