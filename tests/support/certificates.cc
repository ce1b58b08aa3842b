// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>

namespace virt {
namespace {

constexpr long kDay = 24 * 60 * 60;

std::string pem(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()), BIO_free};
  write(bio.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* cert) {
  return pem([&](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
}

std::shared_ptr<EVP_PKEY> new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* cert, int id, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> unsigned_cert(const std::string& name, EVP_PKEY* key, int days) {
  static long serial = 0;
  std::shared_ptr<X509> cert{X509_new(), X509_free};
  X509_set_version(cert.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(cert.get(), key);
  return cert;
}

}  // namespace

Authority::Authority(const std::string& name) : key_(new_key()), cert_(unsigned_cert(name, key_.get(), 1)) {
  X509_set_issuer_name(cert_.get(), X509_get_subject_name(cert_.get()));
  add_extension(cert_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(cert_.get(), key_.get(), EVP_sha256());
}

std::string Authority::cert() const { return pem_of(cert_.get()); }

CertificateAndKey Authority::issue(const std::string& name, const std::string& names, int days) const {
  const auto key = new_key();
  const auto cert = unsigned_cert(name, key.get(), days);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert_.get()));
  if (!names.empty()) add_extension(cert.get(), NID_subject_alt_name, names);
  X509_sign(cert.get(), key_.get(), EVP_sha256());
  return {pem_of(cert.get()), pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string encrypted(const std::string& key, const std::string& passphrase) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new_mem_buf(key.data(), static_cast<int>(key.size())),
                                                      BIO_free};
  const std::shared_ptr<EVP_PKEY> plain{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, plain.get(), EVP_aes_128_cbc(),
                                    reinterpret_cast<const unsigned char*>(passphrase.data()),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

}  // namespace virt
