// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/pages.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>

#include "exporter/http/gzip.h"
#include "exporter/http/status_page.h"
#include "exporter/text/number.h"
#include "exporter/text/text_format.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

using Seconds = std::chrono::duration<double>;

Deadline deadline_of(const HttpRequest& request, const PageOptions& options) {
  const Seconds budget = scrape_budget(request.header("x-prometheus-scrape-timeout-seconds"), options);
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(budget);
}

void write_gzip(Scraper& scraper, const std::vector<NamedPollster>& pollsters, const Snapshots& snapshots,
                HttpResponse& response) {
  Gzip gzip{[&](std::string_view bytes) { response.write(bytes); }};
  scraper.write(pollsters, snapshots, [&](const Piece& piece) { gzip.write(piece.text()); });
  gzip.finish();
}

using Slots = std::counting_semaphore<>;

// A scrape's, while it waits for what is read; not while its client reads the answer.
class Slot {
 public:
  explicit Slot(Slots& slots) : slots_(slots.try_acquire() ? &slots : nullptr) {}
  ~Slot() {
    if (slots_ != nullptr) slots_->release();
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  explicit operator bool() const { return slots_ != nullptr; }

 private:
  Slots* const slots_;
};

// Nothing if there are too many.
std::optional<Snapshots> read(Scraper& scraper, const std::vector<NamedPollster>& pollsters, Deadline deadline,
                              Slots& slots) {
  const Slot slot{slots};
  return slot ? std::optional{scraper.read(pollsters, deadline)} : std::nullopt;
}

void serve_metrics(Scraper& scraper, const PageOptions& options, Slots& slots, const HttpRequest& request,
                   HttpResponse& response) {
  const Deadline deadline = deadline_of(request, options);
  std::vector<std::string_view> patterns;
  for (const auto& [name, value] : request.query)
    if (name == "pollster[]" || name == "pollster") patterns.push_back(value);
  std::vector<NamedPollster> pollsters;
  try {
    pollsters = scraper.choose(patterns);
  } catch (const std::invalid_argument& error) {
    return response.say(400, error.what());
  }
  const bool gzip = accepts_gzip(request.header("accept-encoding"));
  HttpResponse::Headers headers{{"Vary", "Accept-Encoding"}};
  if (gzip) headers.emplace_back("Content-Encoding", "gzip");
  if (response.head_only()) return response.begin(200, kTextContentType, headers);
  const auto snapshots = read(scraper, pollsters, deadline, slots);
  if (!snapshots) return response.say(503, "too many concurrent scrapes; see --max_requests");
  response.begin(200, kTextContentType, headers);
  if (gzip) return write_gzip(scraper, pollsters, *snapshots, response);
  scraper.write(pollsters, *snapshots, [&](const Piece& piece) { response.write(piece); });
}

HttpHandler line(std::string text) {
  return [text = std::move(text)](const HttpRequest&, HttpResponse& response) { response.say(200, text); };
}

}  // namespace

std::chrono::duration<double> scrape_budget(std::string_view given, const PageOptions& options) {
  const auto seconds = to_number<double>(given);
  if (!seconds || !(*seconds > 0)) return options.scrape_timeout;
  const Seconds budget = std::max(Seconds{*seconds} - options.timeout_offset, Seconds{*seconds} / 2);
  return std::min(budget, options.scrape_timeout);
}

bool accepts_gzip(std::string_view accept_encoding) {
  const std::string codings = lower(std::string{accept_encoding});
  bool wildcard = false;
  for (const std::string_view coding : split(codings, ',')) {
    const auto parts = split(coding, ';');
    if (parts.empty()) continue;
    const auto refused = [](std::string_view part) {
      return part.starts_with("q=") && to_number<double>(part.substr(2)).value_or(1) == 0;
    };
    const bool accepted = std::none_of(parts.begin() + 1, parts.end(), refused);
    if (parts.front() == "gzip" || parts.front() == "x-gzip") return accepted;
    if (parts.front() == "*") wildcard = accepted;
  }
  return wildcard;
}

std::map<std::string, HttpHandler> make_pages(Scraper& scraper, const PageOptions& options) {
  const auto slots = std::make_shared<Slots>(options.max_requests);
  const auto metrics = [&scraper, options, slots](const HttpRequest& request, HttpResponse& response) {
    serve_metrics(scraper, options, *slots, request, response);
  };
  // Neither depends on libvirt: libvirt_up 0 must be scraped to be alerted on.
  return {{options.telemetry_path, metrics},
          {"/", status_page(options.telemetry_path)},
          {"/-/healthy", line("virt_exporter is alive.")},
          {"/-/ready", line("virt_exporter is ready.")}};
}

}  // namespace virt
