// SPDX-License-Identifier: Apache-2.0
// Passwords of HTTP's basic authentication, kept as bcrypt hashes.
#ifndef VIRT_EXPORTER_HTTP_BASIC_AUTH_H_
#define VIRT_EXPORTER_HTTP_BASIC_AUTH_H_

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace virt {

// Whether a hash has the form "$2y$10$…": crypt would take other text for another method, down to DES.
bool is_bcrypt(std::string_view hash);

// The user and the password of an Authorization header; nothing if it is no "Basic" one.
std::optional<std::pair<std::string, std::string>> parse_basic(std::string_view authorization);

// Any thread, but one with a stack of the usual size.
class BasicAuth {
 public:
  using Users = std::map<std::string, std::string>;  // name → bcrypt hash

  // Whether an Authorization header is of one of `users`; there is one at least. An accepted password is
  // remembered, one for each user, as bcrypt is slow on purpose; a refused one is not, so that nobody fills
  // the memory. bcrypt runs once at a time, and as long for a user who is unknown.
  bool admits(const Users& users, std::string_view authorization);

 private:
  using Digest = std::array<unsigned char, 32>;

  Digest digest(const std::string& hash, const std::string& password) const;
  bool remembers(const std::string& user, const Digest& digest);

  const Digest secret_ = random();
  static Digest random();

  std::mutex bcrypt_mutex_;  // held while bcrypt runs
  std::mutex mutex_;
  std::map<std::string, Digest> accepted_;  // by user; guarded by mutex_
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_BASIC_AUTH_H_
