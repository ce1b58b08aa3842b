// SPDX-License-Identifier: Apache-2.0
// The page for people: it reads the metrics in the browser, and the server keeps nothing for it.
#ifndef VIRT_EXPORTER_HTTP_STATUS_PAGE_H_
#define VIRT_EXPORTER_HTTP_STATUS_PAGE_H_

#include <string>

#include "exporter/http/http_server.h"

namespace virt {

// The files of status_page/ in one, made by the build: {{nonce}} and {{metrics}} are still to be filled in.
extern const char kStatusPage[];

// Serves the page, which reads its metrics from `telemetry_path` ("/metrics") as seen from the page itself, so that it
// works below another path of a reverse proxy too. It names its own script and style to the browser by a number drawn
// for each answer: whatever else got into the page would not run.
HttpHandler status_page(const std::string& telemetry_path);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_STATUS_PAGE_H_
