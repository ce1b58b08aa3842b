// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_HTTP_HTTP_CHECK_H_
#define VIRT_EXPORTER_HTTP_HTTP_CHECK_H_

#include <chrono>
#include <string>
#include <vector>

#include "exporter/http/listen_address.h"
#include "exporter/process/service_manager.h"

namespace virt {

// By this header, whose value nobody else knows, the server tells our own requests from those of clients.
inline constexpr char kSelfCheckHeader[] = "x-self-check";
const std::string& self_check_token();

// Whether the HTTP server that listens at `address` takes a connection and says something by the deadline. A refusal
// will do, and so will a TLS server that hangs up on a request in the clear: it was heard. "0.0.0.0" and "::" are
// checked at the loopback address of their family. An address that this machine no longer has passes: a restart would
// not bring it back, and would take the others along. Any thread.
bool http_answers(const ListenAddress& address, std::chrono::steady_clock::time_point deadline);

// For the watchdog: a check of each address, by which it is named.
std::vector<SelfCheck> http_checks(const std::vector<ListenAddress>& addresses);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_HTTP_CHECK_H_
