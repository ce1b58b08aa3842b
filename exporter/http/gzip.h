// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_HTTP_GZIP_H_
#define VIRT_EXPORTER_HTTP_GZIP_H_

#include <zlib.h>

#include <functional>
#include <string>
#include <string_view>

namespace virt {

// Compresses a stream piece by piece. Level 1: exposition text shrinks to a tenth as well as at 6, for
// less than half of the time.
class Gzip {
 public:
  using Sink = std::function<void(std::string_view)>;
  // Throws std::bad_alloc.
  explicit Gzip(Sink sink);
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // Both throw what the sink throws, and std::logic_error if zlib refuses, as it does after the end.
  void write(std::string_view text) { deflate(text, Z_NO_FLUSH); }
  // Ends the stream; once, after the last write.
  void finish() { deflate({}, Z_FINISH); }

 private:
  void deflate(std::string_view text, int flush);

  const Sink sink_;
  std::string buffer_;
  z_stream stream_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_GZIP_H_
