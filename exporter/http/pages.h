// SPDX-License-Identifier: Apache-2.0
// The pages that the exporter serves.
#ifndef VIRT_EXPORTER_HTTP_PAGES_H_
#define VIRT_EXPORTER_HTTP_PAGES_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/http/http_server.h"
#include "exporter/scraper.h"

namespace virt {

struct PageOptions {
  std::string telemetry_path;                    // "/metrics"
  std::chrono::duration<double> scrape_timeout;  // at most this long for one scrape
  std::chrono::duration<double> timeout_offset;  // kept back from the time that Prometheus gives
  unsigned max_requests = 40;                    // scrapes at once; more are refused
};

// The metrics, the status page, /-/healthy and /-/ready. `scraper` must live longer.
std::map<std::string, HttpHandler> make_pages(Scraper& scraper, const PageOptions& options);

// The time for a scrape: what Prometheus gives (X-Prometheus-Scrape-Timeout-Seconds, "" if it does not
// say) less the offset, at most scrape_timeout.
std::chrono::duration<double> scrape_budget(std::string_view given, const PageOptions& options);

// Whether an Accept-Encoding header wants gzip: named, or "*", and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_PAGES_H_
