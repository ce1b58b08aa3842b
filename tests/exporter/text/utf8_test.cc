// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/utf8.h"

#include <gtest/gtest.h>

namespace virt {
namespace {

#define REPLACED "\xEF\xBF\xBD"

TEST(Utf8, valid_text_stays_as_it_is) {
  for (const char* text : {"", "plain", "a\tb\nc\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "żółw 🐢"})
    EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(Utf8, byte_zero_is_valid_text) {
  const std::string_view text{"a\0b", 3};
  EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(Utf8, byte_that_begins_nothing_is_replaced) {
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a" REPLACED "b");
  EXPECT_EQ(to_valid_utf8("\x80"), REPLACED);
  EXPECT_EQ(to_valid_utf8("\xF8\x88\x80\x80\x80"), REPLACED REPLACED REPLACED REPLACED REPLACED);
}

TEST(Utf8, overlong_forms_are_replaced_byte_by_byte) {
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xC1\xBF"), REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xE0\x9F\xBF"), REPLACED REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xF0\x8F\xBF\xBF"), REPLACED REPLACED REPLACED REPLACED);
}

TEST(Utf8, surrogates_are_replaced) {
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), REPLACED REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xED\xBF\xBF"), REPLACED REPLACED REPLACED);
}

TEST(Utf8, what_lies_beyond_unicode_is_replaced) {
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), REPLACED REPLACED REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xF5\x80\x80\x80"), REPLACED REPLACED REPLACED REPLACED);
}

TEST(Utf8, sequence_that_is_cut_off_costs_only_itself) {
  EXPECT_EQ(to_valid_utf8("\xC3"), REPLACED);
  EXPECT_EQ(to_valid_utf8("\xE2\x82"), REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xF0\x9F\x90"), REPLACED REPLACED REPLACED);
  EXPECT_EQ(to_valid_utf8("\xE2\x82€"), REPLACED REPLACED "€");
  EXPECT_EQ(to_valid_utf8("\xF0\x9F\x90z"), REPLACED REPLACED REPLACED "z");
}

TEST(Utf8, latin_1_among_valid_text_is_replaced_alone) {
  EXPECT_EQ(to_valid_utf8("caf\xE9 – café"), "caf" REPLACED " – café");
}

TEST(Cut, text_keeps_whole_characters_alone) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "abc");
  EXPECT_EQ(cut("a\u00e9", 2), "a");
  EXPECT_EQ(cut("a\U0001F600b", 4), "a");
  EXPECT_EQ(cut("a\U0001F600b", 5), "a\U0001F600");
  EXPECT_EQ(cut("", 0), "");
}

TEST(Cut, text_that_is_no_utf8_is_cut_nevertheless) { EXPECT_EQ(cut(std::string(9, '\x80'), 6).size(), 2u); }

}  // namespace
}  // namespace virt
