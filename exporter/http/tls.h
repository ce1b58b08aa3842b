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
// its first message arrives, on the handshake's thread. Neither function may throw.
class TlsSwitch {
 public:
  // `failed` is called for a connection that is freed before its handshake is finished, by the thread that frees it.
  TlsSwitch(std::function<TlsContext()> current, std::function<void()> failed);

  // Lives as long as the switch; the switch must outlive the server.
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  const std::function<TlsContext()> current_;
  const std::function<void()> failed_;
  const TlsContext context_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_TLS_H_
