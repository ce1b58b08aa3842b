// SPDX-License-Identifier: Apache-2.0
// An HTTPS client over OpenSSL.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_TLS_CLIENT_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_TLS_CLIENT_H_

#include <string>

#include "tests/support/certificates.h"
#include "tests/support/http_client.h"

namespace virt {

struct TlsClient {
  std::string ca;                  // PEM of whom it trusts
  CertificateAndKey own = {};      // what it shows if it is asked; may be empty
  std::string host = "localhost";  // the name that the server's certificate must have
  int min_version = 12, max_version = 13;
  std::string ciphers = "", curves = "";  // OpenSSL's names; empty: its choice
};

struct TlsReply {
  std::string error;  // why there is no answer, as OpenSSL says it; empty if there is one
  std::string version, cipher, server, group;
  HttpReply http;
};

// GET from 127.0.0.1:port over TLS. Throws std::runtime_error where nobody listens.
TlsReply get(const TlsClient& client, int port, const std::string& target, const std::string& headers = "");

// The first bytes that such a client sends.
std::string client_hello(const TlsClient& client);

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_TLS_CLIENT_H_
