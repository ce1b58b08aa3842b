// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_instruments.h"

#include <utility>

namespace virt {
namespace {

constexpr Meter kScrapes[] = {{"", "promhttp_metric_handler_requests_total", Type::kCumulative, kOne,
                               "Requests for the page of the metrics, by HTTP status code."}};
constexpr Meter kRequests[] = {{"", "virt_exporter_http_requests_total", Type::kCumulative, kOne,
                                "HTTP requests by page (handler; \"none\" for a request of no page) and status code."}};
constexpr Meter kDuration[] = {{"", "virt_exporter_http_request_duration_seconds", Type::kHistogram, kOne,
                                "Time from an HTTP request to the end of its response, by page (handler)."}};
constexpr Meter kHandshakes[] = {{"", "virt_exporter_tls_handshake_errors_total", Type::kCumulative, kOne,
                                  "Connections that ended before their TLS handshake was finished."}};

}  // namespace

std::vector<Meters> http_meters() { return {kScrapes, kRequests, kDuration, kHandshakes}; }

// As promhttp does, so that the first failure is an increase.
HttpInstruments::HttpInstruments(Instruments instruments, std::string metrics_path)
    : instruments_(std::move(instruments)),
      metrics_path_(std::move(metrics_path)),
      failed_handshakes_(instruments_.counter(kHandshakes[0])) {
  for (const char* code : {"200", "500", "503"}) instruments_.counter(kScrapes[0], {{"code", code}});
}

void HttpInstruments::answered(const std::string& path, int status, std::chrono::duration<double> duration) const {
  if (path == metrics_path_) instruments_.counter(kScrapes[0], {{"code", std::to_string(status)}}).Increment();
  count(path, status);
  instruments_.histogram(kDuration[0], kScrapeBounds, {{"handler", path}}).Observe(duration.count());
}

void HttpInstruments::refused(int status) const { count("none", status); }

void HttpInstruments::count(const std::string& handler, int status) const {
  instruments_.counter(kRequests[0], {{"handler", handler}, {"code", std::to_string(status)}}).Increment();
}

}  // namespace virt
