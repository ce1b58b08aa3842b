// SPDX-License-Identifier: Apache-2.0
// What the HTTP server counts: its answers, how long they take, and TLS handshakes that fail.
#ifndef VIRT_EXPORTER_HTTP_HTTP_INSTRUMENTS_H_
#define VIRT_EXPORTER_HTTP_HTTP_INSTRUMENTS_H_

#include <chrono>
#include <string>
#include <vector>

#include "exporter/instruments.h"

namespace virt {

// Any thread.
class HttpInstruments {
 public:
  // `metrics_path` is the page of which promhttp_metric_handler_requests_total counts the requests.
  explicit HttpInstruments(Instruments instruments = {}, std::string metrics_path = "/metrics");

  // A request for the page at `path` was answered, so long after it had arrived.
  void answered(const std::string& path, int status, std::chrono::duration<double> duration) const;
  // One that is for none of the pages, or is none that can be read.
  void refused(int status) const;

  prometheus::Counter& failed_handshakes() const { return failed_handshakes_; }

 private:
  void count(const std::string& handler, int status) const;

  const Instruments instruments_;
  const std::string metrics_path_;
  prometheus::Counter& failed_handshakes_;
};

std::vector<Meters> http_meters();

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_HTTP_INSTRUMENTS_H_
