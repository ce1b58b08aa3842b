// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_HTTP_RANDOM_TOKEN_H_
#define VIRT_EXPORTER_HTTP_RANDOM_TOKEN_H_

#include <random>
#include <string>

namespace virt {

// 128 random bits, in hexadecimal digits. Throws std::runtime_error if the system has none.
inline std::string random_token() {
  std::random_device random;
  std::string token;
  while (token.size() < 32) token += "0123456789abcdef"[random() % 16];
  return token;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_RANDOM_TOKEN_H_
