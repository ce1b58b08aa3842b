// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_GUNZIP_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_GUNZIP_H_

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace virt {

// The text of one whole gzip stream; throws std::runtime_error for anything else.
inline std::string gunzip(std::string bytes) {
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("zlib");
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    char piece[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, sizeof piece - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || stream.avail_in != 0) throw std::runtime_error("not one whole gzip stream");
  return text;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_GUNZIP_H_
