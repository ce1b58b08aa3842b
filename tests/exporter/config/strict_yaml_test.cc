// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/strict_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;

YamlValue parse(const std::string& text) { return YamlValue::parse(text, "f.yml"); }
YamlValue value(const std::string& text) { return parse("key: " + text).entries().at("key"); }

void expect_refused(const std::function<void()>& read, const std::string& message) {
  EXPECT_THAT(read, ThrowsMessage<std::invalid_argument>(message));
}

TEST(StrictYaml, values_are_of_their_kinds) {
  EXPECT_EQ(value("some text").text(), "some text");
  EXPECT_EQ(value("5").text(), "5");
  EXPECT_EQ(value("-5").integer(), -5);
  for (const char* text : {"true", "yes", "on", "True"}) EXPECT_TRUE(value(text).boolean(false)) << text;
  for (const char* text : {"false", "no", "off"}) EXPECT_FALSE(value(text).boolean(true)) << text;
  EXPECT_THAT(value("[a, b]").list(), SizeIs(2));
  EXPECT_EQ(value("{a: 1}").entries().at("a").integer(), 1);
}

TEST(StrictYaml, value_that_is_left_out_is_empty) {
  EXPECT_TRUE(value("").empty());
  EXPECT_EQ(value("").text(), "");
  EXPECT_EQ(value("").integer(), 0);
  EXPECT_TRUE(value("~").boolean(true));
  EXPECT_THAT(value("").list(), SizeIs(0));
  EXPECT_THAT(value("").entries(), SizeIs(0));
  EXPECT_THAT(parse("").entries(), SizeIs(0));
  EXPECT_THAT(parse("# nothing\n---\n").entries(), SizeIs(0));
}

TEST(StrictYaml, value_of_another_kind_is_refused_with_its_line_and_key) {
  expect_refused([] { value("[a]").text(); }, "f.yml:1: key: must be text");
  expect_refused([] { value("{a: b}").text(); }, "f.yml:1: key: must be text");
  expect_refused([] { value("text").list(); }, "f.yml:1: key: must be a list");
  expect_refused([] { value("text").entries(); }, "f.yml:1: key: must be a mapping, \"key: value\"");
  expect_refused([] { parse("just words").entries(); }, "f.yml:1: must be a mapping, \"key: value\"");
  for (const char* text : {"1.5", "five", "\"5\"", "5s", "99999999999", "[5]", "+5"})
    expect_refused([&] { value(text).integer(); }, "f.yml:1: key: must be a whole number");
  for (const char* text : {"maybe", "\"true\"", "1", "[true]"})
    expect_refused([&] { value(text).boolean(true); }, "f.yml:1: key: must be true or false");
  expect_refused([] { parse("a: 1\nb:\n  - x\n  -\n    - y\n").entries().at("b").list().at(1).text(); },
                 "f.yml:5: b: must be text");
}

TEST(StrictYaml, key_that_is_unknown_is_refused_with_those_there_are) {
  const auto nothing = [](const YamlValue&) {};
  expect_refused(
      [&] {
        parse("a: 1\n\nc: 2\n").mapping({{"a", nothing}, {"b", nothing}});
      },
      "f.yml:3: unknown key 'c'; known keys: a, b");
  expect_refused([&] { parse("<<: {a: 1}\n").mapping({{"a", nothing}}); }, "f.yml:1: unknown key '<<'; known keys: a");
}

TEST(StrictYaml, key_that_is_there_twice_is_refused_with_both_lines) {
  expect_refused([] { parse("a: 1\nb: 2\na: 3\n").entries(); },
                 "f.yml:3: key 'a' is a duplicate, first used in line 1");
  expect_refused([] { parse("{a: 1, \"a\": 1}").entries(); }, "f.yml:1: key 'a' is a duplicate, first used in line 1");
}

TEST(StrictYaml, key_that_is_no_word_is_refused) {
  expect_refused([] { parse("a: 1\n? [b]\n: 2\n").entries(); }, "f.yml:2: a key must be a scalar");
}

TEST(StrictYaml, text_that_is_no_yaml_is_refused_with_its_line) {
  for (const char* text : {"a: 1\nb: [\n", "a: 1\n\tb: 2\n", "a: 1\nb: *nowhere\n"})
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<std::invalid_argument>(HasSubstr("f.yml:"))) << text;
  expect_refused([] { parse("a: b: c\n"); }, "f.yml:1: invalid YAML: 'illegal map value'");
}

TEST(StrictYaml, second_document_is_refused) {
  const std::string reason = "a second document starts here; only one is allowed";
  expect_refused([] { parse("a: 1\n---\na: 2\n"); }, "f.yml:2: " + reason);
  expect_refused([] { parse("---\n---\na: 2\n"); }, "f.yml:2: " + reason);
  expect_refused([] { parse("a: 1\n...\n\n# more\nb: 2\n"); }, "f.yml:5: " + reason);
  for (const char* text : {"%YAML 1.2\n# first\n---\na: 1\n...\n# end\n", "--- {a: 1}\n", "a: |\n  1\n  ---\n",
                           "---a: 1\n", "a: 1\r\n...\r\n"})
    EXPECT_NO_THROW(parse(text)) << text;
}

// With LoadAll, yaml-cpp makes documents out of this until the memory is full.
TEST(StrictYaml, text_that_yaml_cpp_never_ends_with_is_refused) {
  expect_refused([] { parse("!rate_,imite").entries(); }, "f.yml:1: must be a mapping, \"key: value\"");
}

TEST(StrictYaml, each_field_is_used_with_its_value) {
  std::map<std::string, std::string> seen;
  const auto keep = [&](const char* name) { return [&, name](const YamlValue& value) { seen[name] = value.text(); }; };
  parse("b: 2\na: &x 1\n").mapping({{"a", keep("a")}, {"b", keep("b")}, {"c", keep("c")}});
  EXPECT_THAT(seen, ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(StrictYaml, errors_stay_on_one_line_whatever_the_text_holds) {
  expect_refused([] { parse("\"a\\nb\": 1\n").mapping({}); }, "f.yml:1: unknown key 'a?b'; known keys: ");
  expect_refused([] { parse("\"a\\nb\": 1\n").entries().at("a\nb").list(); }, "f.yml:1: a?b: must be a list");
  expect_refused([] { parse("a: \"\\\x01\"\n"); }, "f.yml:1: invalid YAML: 'unknown escape character: ?'");
}

}  // namespace
}  // namespace virt
