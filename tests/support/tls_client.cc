// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>

namespace virt {
namespace {

std::string last_error() {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = error == 0 ? "the connection ended" : ERR_reason_error_string(error);
  return reason != nullptr ? reason : "a system error";  // of which OpenSSL 3 knows no reason
}

std::shared_ptr<BIO> reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

std::shared_ptr<X509> certificate(const std::string& text) {
  return {PEM_read_bio_X509(reader(text).get(), nullptr, nullptr, nullptr), X509_free};
}

int version_number(int version) { return TLS1_VERSION + version - 10; }

std::shared_ptr<SSL_CTX> make_context(const TlsClient& client) {
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX_set_min_proto_version(context.get(), version_number(client.min_version));
  SSL_CTX_set_max_proto_version(context.get(), version_number(client.max_version));
  if (client.max_version < 12) SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate(client.ca).get());
  if (!client.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), client.ciphers.c_str());
  if (!client.curves.empty()) SSL_CTX_set1_groups_list(context.get(), client.curves.c_str());
  if (!client.own.cert.empty()) {
    const std::shared_ptr<EVP_PKEY> key{
        PEM_read_bio_PrivateKey(reader(client.own.key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
    SSL_CTX_use_certificate(context.get(), certificate(client.own.cert).get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
  }
  return context;
}

std::string subject(SSL* connection) {
  const std::shared_ptr<X509> cert{SSL_get1_peer_certificate(connection), X509_free};
  char name[256] = "";
  if (cert) X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName, name, sizeof name);
  return name;
}

// In TLS 1.3 the server's opinion of the client's certificate comes with the answer only.
void exchange(SSL* connection, const std::string& request, TlsReply& reply) {
  std::string text;
  char piece[4096];
  int size = SSL_write(connection, request.data(), static_cast<int>(request.size()));
  while (size > 0 && (size = SSL_read(connection, piece, sizeof piece)) > 0)
    text.append(piece, static_cast<std::size_t>(size));
  if (text.empty())
    reply.error = last_error();
  else
    reply.http = parse_reply(text);
}

}  // namespace

TlsReply get(const TlsClient& client, int port, const std::string& target, const std::string& headers) {
  const auto context = make_context(client);
  const std::unique_ptr<SSL, decltype(&SSL_free)> connection{SSL_new(context.get()), SSL_free};
  const Socket socket{port};
  SSL_set_fd(connection.get(), socket.descriptor());
  SSL_set1_host(connection.get(), client.host.c_str());
  SSL_set_tlsext_host_name(connection.get(), client.host.c_str());
  TlsReply reply;
  ERR_clear_error();
  if (SSL_connect(connection.get()) != 1) {
    reply.error = last_error();
    return reply;
  }
  reply.version = SSL_get_version(connection.get());
  reply.cipher = SSL_get_cipher_name(connection.get());
  reply.group = SSL_group_to_name(connection.get(), static_cast<int>(SSL_get_negotiated_group(connection.get())));
  reply.server = subject(connection.get());
  exchange(connection.get(), "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n", reply);
  return reply;
}

std::string client_hello(const TlsClient& client) {
  const auto context = make_context(client);
  const std::unique_ptr<SSL, decltype(&SSL_free)> connection{SSL_new(context.get()), SSL_free};
  BIO* const sent = BIO_new(BIO_s_mem());
  SSL_set_bio(connection.get(), BIO_new(BIO_s_mem()), sent);
  SSL_connect(connection.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace virt
