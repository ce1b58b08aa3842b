// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <vector>

#include "tests/support/gunzip.h"

namespace virt {
namespace {

std::string compressed(const std::vector<std::string>& pieces) {
  std::string bytes;
  Gzip gzip{[&](std::string_view part) { bytes += part; }};
  for (const std::string& piece : pieces) gzip.write(piece);
  gzip.finish();
  return bytes;
}

std::string noise(std::size_t size) {
  std::minstd_rand random{7};
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random() >> 8);
  return text;
}

TEST(Gzip, text_comes_back_as_it_was) {
  EXPECT_EQ(gunzip(compressed({"# HELP a b\n", "", "a 1\n"})), "# HELP a b\na 1\n");
}

TEST(Gzip, nothing_is_a_valid_stream_too) {
  EXPECT_EQ(gunzip(compressed({})), "");
  EXPECT_EQ(gunzip(compressed({""})), "");
}

TEST(Gzip, exposition_text_shrinks_to_a_tenth) {
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += "libvirt_domain_vcpu_state{domain=\"a\",vcpu=\"" + std::to_string(i) + "\"} 1\n";
  const std::string bytes = compressed({text});
  EXPECT_LT(bytes.size(), text.size() / 10);
  EXPECT_EQ(gunzip(bytes), text);
}

// What does not shrink fills the buffer several times, and once to its last byte.
TEST(Gzip, more_than_a_buffer_of_output_comes_back) {
  for (const std::size_t size : {32'700u, 32'740u, 32'768u, 65'536u, 1'000'000u}) {
    const std::string text = noise(size);
    EXPECT_TRUE(gunzip(compressed({text, text.substr(0, 10)})) == text + text.substr(0, 10)) << size;
  }
}

TEST(Gzip, output_comes_while_text_is_written) {
  std::size_t received = 0;
  Gzip gzip{[&](std::string_view part) { received += part.size(); }};
  gzip.write(noise(1'000'000));
  EXPECT_GT(received, 900'000);
  gzip.finish();
}

TEST(Gzip, stream_that_is_not_finished_does_not_read_as_a_whole_one) {
  std::string bytes;
  Gzip gzip{[&](std::string_view part) { bytes += part; }};
  gzip.write(noise(100'000));
  EXPECT_THROW(gunzip(bytes), std::runtime_error);
}

TEST(Gzip, what_the_sink_throws_reaches_the_writer) {
  Gzip gzip{[](std::string_view) { throw std::runtime_error("gone"); }};
  EXPECT_THROW(gzip.write(noise(100'000)), std::runtime_error);
}

TEST(Gzip, stream_that_zlib_refuses_is_not_passed_off_as_a_whole_one) {
  Gzip gzip{[](std::string_view) {}};
  gzip.finish();
  EXPECT_THROW(gzip.write("a 1\n"), std::logic_error);
}

}  // namespace
}  // namespace virt
