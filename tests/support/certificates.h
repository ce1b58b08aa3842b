// SPDX-License-Identifier: Apache-2.0
// Certificates made on the spot.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_CERTIFICATES_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_CERTIFICATES_H_

#include <openssl/x509.h>

#include <memory>
#include <string>

namespace virt {

struct CertificateAndKey {
  std::string cert, key;  // PEM
};

class Authority {
 public:
  explicit Authority(const std::string& name);

  std::string cert() const;  // PEM
  // For servers and clients, with alternative names as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1"); it
  // ends so many days from now.
  CertificateAndKey issue(const std::string& name, const std::string& names, int days = 1) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> cert_;
};

// The key in a form that needs this passphrase.
std::string encrypted(const std::string& key, const std::string& passphrase);

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_CERTIFICATES_H_
