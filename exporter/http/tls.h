// SPDX-License-Identifier: Apache-2.0
// OpenSSL's contexts for the HTTP server.
#ifndef VIRT_EXPORTER_HTTP_TLS_H_
#define VIRT_EXPORTER_HTTP_TLS_H_

#include <functional>
#include <memory>
#include <string>

#include "exporter/http/web_config.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace virt {

// Everything that a handshake needs. Handshakes under way keep it alive.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

// The PEM texts that a configuration asks for, wherever they were.
struct TlsTexts {
  std::string cert, key, client_ca;
};

// Throws std::invalid_argument where the texts hold no certificate or key, or not those that belong together.
TlsContext make_tls_context(const WebConfig::Tls& tls, const TlsTexts& texts);

// A context for a server that outlives its settings: each handshake takes those that `current` gives when
// its first message arrives, on the handshake's thread. `current` must not throw.
class TlsSwitch {
 public:
  explicit TlsSwitch(std::function<TlsContext()> current);

  // Lives as long as the switch; the switch must outlive the server.
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  const std::function<TlsContext()> current_;
  const TlsContext context_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_TLS_H_
