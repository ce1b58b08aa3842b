// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/text/words.h"

namespace virt {
namespace {

using ClientAuth = WebConfig::ClientAuth;

template <typename T, void (*free)(T*)>
struct Freed {
  void operator()(T* object) const { free(object); }
};
template <typename T, void (*free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, free>>;

using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificates = std::vector<Certificate>;

[[noreturn]] void fail(const std::string& what) {
  const unsigned long error = ERR_get_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  throw std::invalid_argument(reason == nullptr ? what : what + ": " + reason);
}

std::string source(const WebConfig::Pem& pem, const char* key) {
  return pem.file.empty() ? key : std::string{key} + "_file " + pem.file;
}

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Text = std::unique_ptr<BIO, BioFree>;

Text reader(const std::string& text) { return Text{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; }

// There is nobody to ask for one.
int no_passphrase(char*, int, int, void*) { return 0; }

Certificates parse_certificates(const std::string& text, const std::string& source) {
  const Text bio = reader(text);
  Certificates all;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    all.emplace_back(certificate);
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) fail(source + " contains a malformed certificate");
  ERR_clear_error();
  if (all.empty()) fail(source + " contains no certificate");
  return all;
}

Key parse_key(const std::string& text, const std::string& source) {
  Key key{PEM_read_bio_PrivateKey(reader(text).get(), nullptr, no_passphrase, nullptr)};
  if (!key) fail(source + " contains no private key, or one that needs a passphrase");
  return key;
}

// ---- Certificates of clients

std::string address_text(const ASN1_OCTET_STRING& address) {
  const int size = ASN1_STRING_length(&address);
  char text[INET6_ADDRSTRLEN] = "";
  if (size == sizeof(in_addr) || size == sizeof(in6_addr))
    inet_ntop(size == sizeof(in_addr) ? AF_INET : AF_INET6, ASN1_STRING_get0_data(&address), text, sizeof text);
  return text;
}

std::string name_text(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
      return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.ia5)),
              static_cast<std::size_t>(ASN1_STRING_length(name.d.ia5))};
    case GEN_IPADD: return address_text(*name.d.ip);
    default: return "";
  }
}

bool has_allowed_name(const X509* certificate, const std::vector<std::string>& allowed) {
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i)
    if (std::find(allowed.begin(), allowed.end(), name_text(*sk_GENERAL_NAME_value(names.get(), i))) != allowed.end())
      return true;
  return false;
}

// In the place of OpenSSL's own check of a client's certificate; `tls` is the context's own copy.
int verify_client(X509_STORE_CTX* chain, void* tls) {
  const auto& settings = *static_cast<const WebConfig::Tls*>(tls);
  if (settings.client_auth >= ClientAuth::kVerifyIfGiven && X509_verify_cert(chain) != 1) return 0;
  const auto& names = settings.client_allowed_sans;
  if (names.empty() || has_allowed_name(X509_STORE_CTX_get0_cert(chain), names)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

int verify_mode(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone: return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven: return SSL_VERIFY_PEER;
    default: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
}

// ---- Contexts

// The context frees its settings, so that they are there for each of its handshakes.
void free_settings(void*, void* settings, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<WebConfig::Tls*>(settings);
}

int settings_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_settings);
  return index;
}

const WebConfig::Tls& settings_of(const SSL_CTX* context) {
  return *static_cast<const WebConfig::Tls*>(SSL_CTX_get_ex_data(context, settings_index()));
}

TlsContext new_context() {
  TlsContext context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) fail("cannot create a TLS context");
  // Without resumption, each handshake goes by the settings of now. A renegotiation is a client's way to make
  // CivetWeb spin.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

void use_certificate(SSL_CTX* context, const WebConfig::Tls& tls, const TlsTexts& texts) {
  const std::string cert = source(tls.cert, "cert"), key_source = source(tls.key, "key");
  const Certificates chain = parse_certificates(texts.cert, cert);
  const Key key = parse_key(texts.key, key_source);
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) fail(cert + " cannot be used");
  for (auto issuer = chain.begin() + 1; issuer != chain.end(); ++issuer)
    if (SSL_CTX_add1_chain_cert(context, issuer->get()) != 1) fail(cert + " cannot be used");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) fail(key_source + " does not belong to " + cert);
}

void use_client_ca(SSL_CTX* context, const WebConfig::Tls& tls, const std::string& text) {
  if (tls.client_auth < ClientAuth::kVerifyIfGiven) return;
  if (tls.client_ca.empty()) {  // as Go: those that the system trusts
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  for (const Certificate& certificate : parse_certificates(text, source(tls.client_ca, "client_ca"))) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
    SSL_CTX_add_client_CA(context, certificate.get());
  }
}

// Go's rule, which is the format's: the suites of TLS 1.3 are not for choosing, and the names are for what is
// below. Returns "" where only TLS 1.3 is left.
std::string cipher_list(const std::vector<std::string>& suites) {
  std::string list;
  for (const std::string& suite : suites)
    if (suite.find("_WITH_") != std::string::npos)
      list.append(list.empty() ? "" : ":").append(OPENSSL_cipher_name(suite.c_str()));
  return list;
}

void use_ciphers(SSL_CTX* context, const WebConfig::Tls& tls) {
  if (tls.cipher_suites.empty()) return;
  const std::string list = cipher_list(tls.cipher_suites);
  if (list.empty() && tls.max_version < 13)
    fail("cipher_suites contains no suite for TLS 1.2; add one, or raise max_version to TLS13");
  if (!list.empty() && SSL_CTX_set_cipher_list(context, list.c_str()) != 1)
    fail("cipher_suites are not supported by this OpenSSL");
}

int version_number(int version) {
  constexpr int kNumbers[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return kNumbers[version - 10];
}

// What a connection does not take over from its new context.
bool apply(const WebConfig::Tls& tls, SSL* connection) {
  const bool only_13 = !tls.cipher_suites.empty() && cipher_list(tls.cipher_suites).empty();
  SSL_set_verify(connection, verify_mode(tls.client_auth), nullptr);
  if (tls.prefer_server_cipher_suites) SSL_set_options(connection, SSL_OP_CIPHER_SERVER_PREFERENCE);
  return SSL_set_min_proto_version(connection, version_number(only_13 ? 13 : tls.min_version)) == 1 &&
         SSL_set_max_proto_version(connection, version_number(tls.max_version)) == 1 &&
         (tls.curves.empty() || SSL_set1_groups_list(connection, join(tls.curves, ":").c_str()) == 1);
}

int choose_context(SSL* connection, int*, void* current) {
  const TlsContext context = (*static_cast<const std::function<TlsContext()>*>(current))();
  if (!context || SSL_set_SSL_CTX(connection, context.get()) == nullptr) return SSL_CLIENT_HELLO_ERROR;
  return apply(settings_of(context.get()), connection) ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

// ---- Handshakes

// Of contexts: what to call for a handshake that fails.
int failed_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void free_unfinished(void*, void* failed, CRYPTO_EX_DATA*, int, long, void*) {
  if (failed != nullptr) (*static_cast<const std::function<void()>*>(failed))();
}

// Of connections, while their handshake is not finished: the same. OpenSSL tells of no end that all failures share but
// this: a client may be refused, refuse, say something else than TLS, say nothing, or go.
int unfinished_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_unfinished);
  return index;
}

void end_handshake(const SSL* connection, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) SSL_set_ex_data(const_cast<SSL*>(connection), unfinished_index(), nullptr);
}

// The connection is to have another context soon, with another callback.
void begin_handshake(const SSL* connection, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  SSL* const begun = const_cast<SSL*>(connection);
  SSL_set_ex_data(begun, unfinished_index(), SSL_CTX_get_ex_data(SSL_get_SSL_CTX(begun), failed_index()));
  SSL_set_info_callback(begun, end_handshake);
}

}  // namespace

TlsContext make_tls_context(const WebConfig::Tls& tls, const TlsTexts& texts) {
  ERR_clear_error();
  TlsContext context = new_context();
  auto settings = std::make_unique<WebConfig::Tls>(tls);
  SSL_CTX_set_cert_verify_callback(context.get(), verify_client, settings.get());
  SSL_CTX_set_ex_data(context.get(), settings_index(), settings.release());
  // OpenSSL has TLS 1.0 and 1.1, whose signatures are SHA-1, at its lowest level only.
  if (tls.min_version < 12) SSL_CTX_set_security_level(context.get(), 0);
  use_certificate(context.get(), tls, texts);
  use_client_ca(context.get(), tls, texts.client_ca);
  use_ciphers(context.get(), tls);
  return context;
}

TlsSwitch::TlsSwitch(std::function<TlsContext()> current, std::function<void()> failed)
    : current_(std::move(current)), failed_(std::move(failed)), context_(new_context()) {
  SSL_CTX_set_ex_data(context_.get(), failed_index(), const_cast<std::function<void()>*>(&failed_));
  SSL_CTX_set_info_callback(context_.get(), begin_handshake);
  SSL_CTX_set_client_hello_cb(context_.get(), choose_context, const_cast<std::function<TlsContext()>*>(&current_));
}

}  // namespace virt
