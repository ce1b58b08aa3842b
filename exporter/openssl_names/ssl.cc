// SPDX-License-Identifier: Apache-2.0
// libssl.so for CivetWeb: OpenSSL 3 by its dependency, and a name that OpenSSL 1.1 had.
#include <openssl/ssl.h>

#undef SSL_get_peer_certificate

extern "C" X509* SSL_get_peer_certificate(const SSL* connection) { return SSL_get1_peer_certificate(connection); }
