// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <strings.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace virt {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_base64_of_bcrypt(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (text.empty() || text.size() % 4 != 0 || size != static_cast<int>(bytes.size())) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

bool matches(const std::string& hash, const std::string& password) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB
  const char* again = crypt_r(password.c_str(), hash.c_str(), data.get());
  return again != nullptr && hash.size() == std::strlen(again) && CRYPTO_memcmp(again, hash.data(), hash.size()) == 0;
}

}  // namespace

bool is_bcrypt(std::string_view hash) {
  constexpr std::size_t kSize = 60, kSalt = 7;  // "$2y$10$", 22 characters of salt, 31 of the hash
  if (hash.size() != kSize || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return std::string_view{"aby"}.find(hash[2]) != std::string_view::npos && is_digit(hash[4]) && is_digit(hash[5]) &&
         cost >= 4 && cost <= 31 && std::all_of(hash.begin() + kSalt, hash.end(), is_base64_of_bcrypt);
}

std::optional<std::pair<std::string, std::string>> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (authorization.size() < kScheme.size() || strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0)
    return std::nullopt;
  const auto pair = from_base64(authorization.substr(kScheme.size()));
  if (!pair) return std::nullopt;
  const auto colon = pair->find(':');
  // crypt would see the password up to a NUL only.
  if (colon == std::string::npos || pair->find('\0') != std::string::npos) return std::nullopt;
  return std::pair{pair->substr(0, colon), pair->substr(colon + 1)};
}

BasicAuth::Digest BasicAuth::random() {
  Digest bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random numbers");
  return bytes;
}

// What is kept of a password: of use to nobody without this process' secret.
BasicAuth::Digest BasicAuth::digest(const std::string& hash, const std::string& password) const {
  const std::string text = hash + password;  // a hash has one length
  Digest result;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(), nullptr) == nullptr)
    throw std::runtime_error("no HMAC");
  return result;
}

bool BasicAuth::remembers(const std::string& user, const Digest& digest) {
  const std::lock_guard lock{mutex_};
  const auto known = accepted_.find(user);
  return known != accepted_.end() && CRYPTO_memcmp(known->second.data(), digest.data(), digest.size()) == 0;
}

bool BasicAuth::admits(const Users& users, std::string_view authorization) {
  const auto given = parse_basic(authorization);
  if (!given) return false;
  const auto& [name, password] = *given;
  const auto user = users.find(name);
  const bool is_known = user != users.end();
  const std::string& hash = is_known ? user->second : users.begin()->second;
  const Digest password_digest = digest(hash, password);
  if (is_known && remembers(name, password_digest)) return true;
  const std::lock_guard one_at_a_time{bcrypt_mutex_};
  if (is_known && remembers(name, password_digest)) return true;  // by now
  if (!matches(hash, password) || !is_known) return false;
  const std::lock_guard lock{mutex_};
  accepted_[name] = password_digest;
  return true;
}

}  // namespace virt
