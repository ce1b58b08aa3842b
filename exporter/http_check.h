// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_HTTP_CHECK_H_
#define VIRT_EXPORTER_HTTP_CHECK_H_

#include <chrono>
#include <string>

namespace virt {

// By this header, whose value nobody else knows, the server tells our own requests from those of clients.
inline constexpr char kSelfCheckHeader[] = "x-self-check";
const std::string& self_check_token();

// Whether the HTTP server that listens at `address` ("HOST:PORT"; an empty host or 0.0.0.0 is this host) takes a
// connection and says something by the deadline. A refusal will do, and so will a TLS server that hangs up on a
// request in the clear: it was heard. Any thread.
bool http_answers(const std::string& address, std::chrono::steady_clock::time_point deadline);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_CHECK_H_
