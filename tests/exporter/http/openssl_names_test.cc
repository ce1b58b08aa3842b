// SPDX-License-Identifier: Apache-2.0
// What CivetWeb looks for with dlopen is there, and is OpenSSL 3.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace virt {
namespace {

void* found(const char* library, const char* function) {
  void* const loaded = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  EXPECT_NE(loaded, nullptr) << library;
  return loaded == nullptr ? nullptr : dlsym(loaded, function);
}

TEST(OpensslNames, libraries_of_these_names_are_loaded_before_anybody_asks) {
  EXPECT_EQ(found("libssl.so", "SSL_accept"), reinterpret_cast<void*>(&SSL_accept));
  EXPECT_EQ(found("libcrypto.so", "ERR_get_error"), dlsym(RTLD_DEFAULT, "ERR_get_error"));
}

TEST(OpensslNames, function_that_openssl_3_lacks_is_there) {
  EXPECT_NE(found("libssl.so", "SSL_get_peer_certificate"), nullptr);
}

}  // namespace
}  // namespace virt
