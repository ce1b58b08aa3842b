// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace virt {
namespace {

TEST(Text, grows_and_goes_back) {
  Text text;
  EXPECT_TRUE(text.empty());
  text.append("abc");
  text.append(std::string(1000, 'x'));
  text.resume_at(2);
  char* at = text.room(10);
  text.wrote(write_text("de", at));
  EXPECT_EQ(text.view(), "abde");
}

TEST(Pieces, are_large_and_together_the_whole) {
  std::vector<std::string> given;
  const Sink sink = [&](const Piece& piece) { given.emplace_back(piece.text()); };
  Pieces pieces{sink};
  const std::string line(999, 'x');
  std::string whole;
  for (int i = 0; i < 150; ++i) {
    pieces.append(line);
    whole += line;
  }
  pieces.finish();
  pieces.finish();
  ASSERT_EQ(given.size(), 3u);
  EXPECT_GE(given[0].size(), 64u * 1024);
  EXPECT_LT(given[0].size(), 64u * 1024 + line.size());
  EXPECT_EQ(given[0] + given[1] + given[2], whole);
}

TEST(Pieces, margin_may_be_overwritten) {
  std::string text;
  const Sink sink = [&](const Piece& piece) {
    std::fill_n(piece.begin - Piece::kMargin, Piece::kMargin, '!');
    text += piece.text();
  };
  Pieces pieces{sink};
  for (const char* part : {"a", "b"}) {
    pieces.append(part);
    pieces.finish();
  }
  EXPECT_EQ(text, "ab");
}

TEST(Pieces, sink_that_fails_is_told_from_one_that_does_not_and_gets_nothing_twice) {
  bool fails = true;
  std::string text;
  const Sink sink = [&](const Piece& piece) {
    if (fails) throw std::runtime_error("full");
    text += piece.text();
  };
  Pieces pieces{sink};
  pieces.append("a");
  EXPECT_FALSE(pieces.has_sink_failed());
  EXPECT_THROW(pieces.finish(), std::runtime_error);
  EXPECT_TRUE(pieces.has_sink_failed());
  fails = false;
  pieces.append("b");
  pieces.finish();
  EXPECT_EQ(text, "b");
}

}  // namespace
}  // namespace virt
