// SPDX-License-Identifier: Apache-2.0
// The web configuration that exporters share, in the format of Prometheus' exporter-toolkit: TLS, passwords,
// headers, a limit of requests.
#ifndef VIRT_EXPORTER_HTTP_WEB_CONFIG_H_
#define VIRT_EXPORTER_HTTP_WEB_CONFIG_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/http/rate_limiter.h"

namespace virt {

struct WebConfig {
  // The toolkit's client_auth_type, Go's names in the same order.
  enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

  // PEM: in a file of its own, or else in the configuration.
  struct Pem {
    std::string file;  // its path: absolute, or from the working directory
    std::string text;
    bool empty() const { return file.empty() && text.empty(); }
  };

  struct Tls {
    Pem cert, key, client_ca;
    ClientAuth client_auth = ClientAuth::kNone;
    std::vector<std::string> client_allowed_sans;  // empty: any
    int min_version = 12, max_version = 13;        // 10, 11, 12 or 13
    std::vector<std::string> cipher_suites;        // IANA's names; empty: OpenSSL's choice
    std::vector<std::string> curves;               // NIST's names; empty: OpenSSL's choice
    bool prefer_server_cipher_suites = true;
  };

  std::optional<Tls> tls;                                    // nothing: plain HTTP
  std::map<std::string, std::string> users;                  // name → bcrypt hash; empty: no password
  std::vector<std::pair<std::string, std::string>> headers;  // that each answer has
  RateLimit rate_limit;
};

// Reads the text of a web configuration; `file` is its path, from which relative paths in it count. Throws
// std::invalid_argument, "FILE:LINE: what is wrong". The files that it names are not looked at.
WebConfig parse_web_config(const std::string& text, const std::string& file);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_WEB_CONFIG_H_
