// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/gzip.h"

#include <new>
#include <stdexcept>
#include <utility>

namespace virt {

Gzip::Gzip(Sink sink) : sink_(std::move(sink)), buffer_(32 * 1024, '\0') {
  constexpr int kGzipFormat = 15 + 16, kMemory = 8;
  if (deflateInit2(&stream_, 1, Z_DEFLATED, kGzipFormat, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
}

Gzip::~Gzip() { deflateEnd(&stream_); }

void Gzip::deflate(std::string_view text, int flush) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib reads it only
  stream_.avail_in = static_cast<uInt>(text.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    if (::deflate(&stream_, flush) == Z_STREAM_ERROR) throw std::logic_error("zlib refuses the stream");
    const std::size_t made = buffer_.size() - stream_.avail_out;
    if (made > 0) sink_({buffer_.data(), made});
  } while (stream_.avail_out == 0);
}

}  // namespace virt
