// SPDX-License-Identifier: Apache-2.0
// Who may ask: the web configuration of a running server, read again when it changes.
#ifndef VIRT_EXPORTER_HTTP_WEB_ACCESS_H_
#define VIRT_EXPORTER_HTTP_WEB_ACCESS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/http/basic_auth.h"
#include "exporter/http/rate_limiter.h"
#include "exporter/http/tls.h"
#include "exporter/http/watched_file.h"
#include "exporter/http/web_config.h"

namespace virt {

// What holds for one connection or request.
struct WebSettings {
  WebConfig config;
  TlsContext tls;  // empty: plain HTTP
};

// Any thread.
class WebAccess {
 public:
  // Reads `file` and those that it names. Throws std::invalid_argument where they are not as they should be.
  explicit WebAccess(std::string file);

  // Looks at the files and reads them again if they changed. Where they are then not as they should be, or
  // would turn TLS on or off, that is logged once, and the settings stay. Never throws.
  std::shared_ptr<const WebSettings> settings();

  // 200 if a request with this Authorization header may pass, else 429 or 401. What is not `counted` takes nothing of
  // the limit.
  int judge(const WebConfig& config, std::string_view authorization, bool counted = true);

 private:
  using Files = std::map<std::string, WatchedFile>;  // by path

  static const std::string& read(const std::string& path, Files& seen);
  static WebSettings load(const std::string& file, Files& seen);
  bool changed();
  void reload();

  const std::string file_;
  RateLimiter limiter_;
  BasicAuth auth_;

  std::mutex mutex_;
  // Guarded by mutex_.
  Files seen_;  // by the last load
  std::shared_ptr<const WebSettings> settings_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_WEB_ACCESS_H_
