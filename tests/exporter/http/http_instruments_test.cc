// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_instruments.h"

#include <gmock/gmock.h>

#include "tests/support/counted.h"

namespace virt {
namespace {

TEST(HttpInstruments, codes_that_alerts_look_for_are_there_from_the_start) {
  const Instruments instruments;
  const HttpInstruments http{instruments};
  EXPECT_EQ(counted(instruments),
            "promhttp_metric_handler_requests_total{code=\"200\"} 0\n"
            "promhttp_metric_handler_requests_total{code=\"500\"} 0\n"
            "promhttp_metric_handler_requests_total{code=\"503\"} 0\n"
            "virt_exporter_tls_handshake_errors_total 0\n");
}

TEST(HttpInstruments, request_counts_for_its_page_and_its_code) {
  const Instruments instruments;
  const HttpInstruments http{instruments, "/m"};
  http.answered("/m", 200, std::chrono::milliseconds{300});
  http.answered("/m", 401, std::chrono::milliseconds{20});
  http.answered("/", 200, std::chrono::seconds{20});
  http.refused(404);
  EXPECT_EQ(counted(instruments),
            "promhttp_metric_handler_requests_total{code=\"200\"} 1\n"
            "promhttp_metric_handler_requests_total{code=\"401\"} 1\n"
            "promhttp_metric_handler_requests_total{code=\"500\"} 0\n"
            "promhttp_metric_handler_requests_total{code=\"503\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"0.1\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"0.25\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"0.5\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"1\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"2.5\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"5\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"10\"} 0\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/\",le=\"+Inf\"} 1\n"
            "virt_exporter_http_request_duration_seconds_sum{handler=\"/\"} 20\n"
            "virt_exporter_http_request_duration_seconds_count{handler=\"/\"} 1\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"0.1\"} 1\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"0.25\"} 1\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"0.5\"} 2\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"1\"} 2\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"2.5\"} 2\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"5\"} 2\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"10\"} 2\n"
            "virt_exporter_http_request_duration_seconds_bucket{handler=\"/m\",le=\"+Inf\"} 2\n"
            "virt_exporter_http_request_duration_seconds_sum{handler=\"/m\"} 0.32\n"
            "virt_exporter_http_request_duration_seconds_count{handler=\"/m\"} 2\n"
            "virt_exporter_http_requests_total{code=\"200\",handler=\"/\"} 1\n"
            "virt_exporter_http_requests_total{code=\"200\",handler=\"/m\"} 1\n"
            "virt_exporter_http_requests_total{code=\"401\",handler=\"/m\"} 1\n"
            "virt_exporter_http_requests_total{code=\"404\",handler=\"none\"} 1\n"
            "virt_exporter_tls_handshake_errors_total 0\n");
}

}  // namespace
}  // namespace virt
