// SPDX-License-Identifier: Apache-2.0
// What CivetWeb 1.15 finds when it opens "libssl.so" and "libcrypto.so": OpenSSL 3 by this library's dependencies, and
// the one function of OpenSSL 1.1 that is not there any more.
#include <openssl/ssl.h>

#undef SSL_get_peer_certificate

// NOLINTNEXTLINE(readability-identifier-naming): the name of OpenSSL 1.1.
extern "C" __attribute__((visibility("default"))) X509* SSL_get_peer_certificate(const SSL* connection) {
  return SSL_get1_peer_certificate(connection);
}
