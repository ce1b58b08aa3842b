// SPDX-License-Identifier: Apache-2.0
#include "exporter/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "exporter/text/words.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::ThrowsMessage;

const std::vector<std::string> kNames = {"acme.gpu", "ceilometer.cpu", "compute.cpu", "compute.disk"};
const std::vector<std::string> kByDefault = {"acme.gpu", "compute.cpu", "compute.disk"};

std::vector<std::string> chosen(std::string_view patterns) {
  return select_names(split(patterns, ','), kNames, kByDefault);
}

TEST(Selection, no_pattern_means_those_of_the_default) {
  EXPECT_THAT(chosen(""), ElementsAreArray(kByDefault));
  EXPECT_THAT(chosen(" , "), ElementsAreArray(kByDefault));
}

TEST(Selection, star_means_really_all) { EXPECT_THAT(chosen("*"), ElementsAreArray(kNames)); }

TEST(Selection, included_alone_are_chosen) {
  EXPECT_THAT(chosen("compute.cpu"), ElementsAre("compute.cpu"));
  EXPECT_THAT(chosen("*.cpu"), ElementsAre("ceilometer.cpu", "compute.cpu"));
  EXPECT_THAT(chosen("compute.[a-c]*,acme.g?u"), ElementsAre("acme.gpu", "compute.cpu"));
}

TEST(Selection, only_excludes_take_away_from_the_default) {
  EXPECT_THAT(chosen("!compute.disk"), ElementsAre("acme.gpu", "compute.cpu"));
  EXPECT_THAT(chosen("!acme.*,!*.disk"), ElementsAre("compute.cpu"));
}

TEST(Selection, exclude_wins_wherever_it_stands) {
  EXPECT_THAT(chosen("compute.*,!compute.disk"), ElementsAre("compute.cpu"));
  EXPECT_THAT(chosen("!compute.disk,compute.*"), ElementsAre("compute.cpu"));
  EXPECT_THAT(chosen("compute.disk,compute.cpu,!*.disk"), ElementsAre("compute.cpu"));
}

TEST(Selection, order_and_repetition_of_patterns_do_not_matter) {
  EXPECT_THAT(chosen("compute.disk, compute.cpu ,compute.*"), ElementsAre("compute.cpu", "compute.disk"));
}

TEST(Selection, pattern_that_matches_nothing_is_an_error_that_lists_what_there_is) {
  const std::string there_are = "; pollsters: acme.gpu, ceilometer.cpu, compute.cpu, compute.disk";
  EXPECT_THAT([] { chosen("compute.gpu"); },
              ThrowsMessage<std::invalid_argument>("no pollster matches 'compute.gpu'" + there_are));
  EXPECT_THAT([] { chosen("compute.*,!compute.gpu"); },
              ThrowsMessage<std::invalid_argument>("no pollster matches 'compute.gpu'" + there_are));
  EXPECT_THAT([] { chosen("compute.cp"); },
              ThrowsMessage<std::invalid_argument>("no pollster matches 'compute.cp'" + there_are));
}

TEST(Selection, lone_exclamation_mark_is_an_error) { EXPECT_THROW(chosen("!"), std::invalid_argument); }

TEST(Selection, nothing_left_is_an_error) {
  const std::string message = "no pollster is selected; pollsters: acme.gpu, ceilometer.cpu, compute.cpu, compute.disk";
  EXPECT_THAT([] { chosen("!*"); }, ThrowsMessage<std::invalid_argument>(message));
  EXPECT_THAT([] { chosen("compute.cpu,!*.cpu"); }, ThrowsMessage<std::invalid_argument>(message));
}

TEST(Selection, glob_speaks_of_the_whole_name) {
  EXPECT_TRUE(glob_matches("compute.*", "compute.cpu"));
  EXPECT_FALSE(glob_matches("compute", "compute.cpu"));
  EXPECT_FALSE(glob_matches("cpu", "compute.cpu"));
  EXPECT_FALSE(glob_matches("", "compute.cpu"));
}

}  // namespace
}  // namespace virt
