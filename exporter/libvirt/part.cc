// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/part.h"

namespace virt {
namespace {

// Of so many things that do not answer the log names each.
constexpr std::size_t kNamed = 3;

std::string with_names(std::string_view no_answer, const std::vector<std::string>& things) {
  std::string text{no_answer};
  const bool are_named =
      things.size() <= kNamed && std::none_of(things.begin(), things.end(), std::mem_fn(&std::string::empty));
  for (std::size_t i = 0; are_named && i < things.size(); ++i)
    text += (i == 0 ? ", for " : ", ") + in_quotes(things[i]);
  return text;
}

}  // namespace

std::optional<PartReport> Part::report() const {
  if (!asked_) return std::nullopt;
  const std::size_t out = calls_out();
  const bool success = error_.empty() && out == 0;
  const Time end = out > 0 ? now() : answered_.value_or(*asked_);
  return PartReport{options_.name, success, end - *asked_, out};
}

void Part::end_read() {
  const auto report = this->report();
  const bool is_back = hangs_ && calls_out() == 0;
  if (!report && !is_back) return;
  const std::string subject = "libvirt part " + std::string{options_.name};
  hangs_ = report && !report->success && error_.empty();
  if (!report || report->success)
    context_.log.no_problem(subject, "can be read again");
  else
    context_.log.problem(subject, error_.empty() ? with_names(kNoAnswer, open()) : error_);
}

}  // namespace virt
