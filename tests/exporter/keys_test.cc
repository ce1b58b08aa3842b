// SPDX-License-Identifier: Apache-2.0
#include "exporter/keys.h"

#include <gmock/gmock.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Keys of(std::initializer_list<const char*> names) {
  Keys keys;
  for (const char* name : names) keys.add({name, true});
  return keys;
}

SharedKeys share(KeyPool& pool, std::vector<std::string> names) {
  return pool.share(static_cast<Keys::Position>(names.size()), [&](Keys::Position i) {
    return Keys::Key{names[i], true};
  });
}

std::vector<std::string> names(const Keys& keys) {
  std::vector<std::string> names;
  for (Keys::Position i = 0; i < keys.size(); ++i) names.emplace_back(keys.name(i));
  return names;
}

TEST(Keys, are_found_below_each_branch_that_they_are_below) {
  const Keys keys = of({"cpu.time", "block.0.rd.bytes", "block.1.rd.bytes"});
  EXPECT_EQ(keys.find(Keys::kRoot, "block.1.rd.bytes"), 2u);
  EXPECT_EQ(keys.find(keys.find_branch(Keys::kRoot, "block"), "1.rd.bytes"), 2u);
  const Keys::Position second = keys.find_branch(keys.find_branch(Keys::kRoot, "block"), "1");
  EXPECT_EQ(keys.prefix(second), "block.1.");
  EXPECT_EQ(keys.find(second, "rd.bytes"), 2u);
  EXPECT_EQ(keys.find(keys.find_branch(Keys::kRoot, "block.0.rd"), "bytes"), 1u);
}

TEST(Keys, what_is_not_there_is_nowhere) {
  const Keys keys = of({"cpu.time", "block.0.rd.bytes"});
  const Keys::Position cpu = keys.find_branch(Keys::kRoot, "cpu");
  EXPECT_EQ(keys.find(cpu, "bytes"), Keys::kNone);
  EXPECT_EQ(keys.find(cpu, "block.0.rd.bytes"), Keys::kNone);
  EXPECT_EQ(keys.find(Keys::kRoot, "cpu"), Keys::kNone) << "a branch is no key";
  EXPECT_EQ(keys.find_branch(Keys::kRoot, "cpu.time"), Keys::kNone) << "and a key no branch";
  EXPECT_EQ(keys.find_branch(cpu, "0"), Keys::kNone);
  EXPECT_EQ(Keys{}.find(Keys::kRoot, "cpu"), Keys::kNone);
  EXPECT_EQ(Keys{}.find_branch(Keys::kRoot, ""), Keys::kNone);
}

TEST(Keys, all_are_found_however_many_there_are) {
  Keys keys;
  for (int i = 0; i < 5000; ++i) keys.add({"vcpu." + std::to_string(i) + ".time", true});
  const Keys::Position vcpu = keys.find_branch(Keys::kRoot, "vcpu");
  for (Keys::Position i = 0; i < 5000; ++i) {
    ASSERT_EQ(keys.find(vcpu, std::to_string(i) + ".time"), i);
    ASSERT_EQ(keys.find(keys.find_branch(vcpu, std::to_string(i)), "time"), i);
  }
}

TEST(Keys, numbers_among_the_branches_are_known_in_their_order) {
  const Keys keys = of({"vcpu.current", "vcpu.2.time", "vcpu.10.time", "vcpu.2.wait", "vcpu.x.time", "vcpu..time"});
  std::vector<std::string> prefixes;
  for (const Keys::Position branch : keys.numbered(keys.find_branch(Keys::kRoot, "vcpu")))
    prefixes.emplace_back(keys.prefix(branch));
  EXPECT_THAT(prefixes, ElementsAre("vcpu.2.", "vcpu.10."));
  EXPECT_THAT(keys.numbered(Keys::kRoot), IsEmpty());
}

TEST(Keys, of_two_equal_ones_the_first_is_found) {
  const Keys keys = of({"a.b", "a.c", "a.b"});
  EXPECT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys.find(Keys::kRoot, "a.b"), 0u);
  EXPECT_EQ(keys.find(keys.find_branch(Keys::kRoot, "a"), "b"), 0u);
}

TEST(Keys, range_of_a_branch_has_all_of_its_keys) {
  const Keys keys = of({"x", "net.0.rx", "net.1.rx", "other", "net.0.tx"});
  EXPECT_EQ(keys.range(keys.find_branch(Keys::kRoot, "net.0")), std::pair(1u, 5u));
  EXPECT_EQ(keys.range(Keys::kRoot), std::pair(0u, 5u));
}

TEST(KeyPool, equal_keys_become_the_same) {
  KeyPool pool;
  const SharedKeys first = share(pool, {"a", "b"});
  EXPECT_EQ(share(pool, {"a", "b"}), first);
  EXPECT_THAT(names(*first), ElementsAre("a", "b"));
  EXPECT_NE(share(pool, {"a", "c"}), first);
  EXPECT_NE(share(pool, {"a"}), first);
}

TEST(KeyPool, keys_of_another_type_are_others) {
  KeyPool pool;
  const auto text = pool.share(1, [](Keys::Position) { return Keys::Key{"a", false}; });
  EXPECT_FALSE(text->is_number(0));
  EXPECT_TRUE(share(pool, {"a"})->is_number(0));
}

TEST(KeyPool, joined_keys_are_those_of_both_and_shared_too) {
  KeyPool pool;
  const SharedKeys first = share(pool, {"a.x"}), second = share(pool, {"b", "a.y"});
  const SharedKeys both = pool.join(first, second);
  EXPECT_THAT(names(*both), ElementsAre("a.x", "b", "a.y"));
  EXPECT_EQ(pool.join(first, second), both);
  EXPECT_EQ(share(pool, {"a.x", "b", "a.y"}), both);
  EXPECT_THAT(names(*pool.join(second, first)), ElementsAre("b", "a.y", "a.x"));
}

TEST(KeyPool, what_nobody_uses_is_forgotten_in_time_and_what_is_used_never) {
  KeyPool pool;
  const SharedKeys used = share(pool, {"used"});
  const std::weak_ptr<const Keys> unused = share(pool, {"unused"});
  const std::weak_ptr<const Keys> joined = pool.join(used, unused.lock());
  for (int i = 0; i < 200; ++i) share(pool, {"key" + std::to_string(i)});
  EXPECT_TRUE(unused.expired());
  EXPECT_TRUE(joined.expired());
  EXPECT_EQ(share(pool, {"used"}), used);
}

TEST(KeyPool, what_was_used_by_many_is_forgotten_as_well) {
  KeyPool pool;
  std::vector<SharedKeys> used;
  for (int i = 0; i < 1000; ++i) used.push_back(share(pool, {"used" + std::to_string(i)}));
  const std::weak_ptr<const Keys> first = used.front();
  used.clear();
  for (int i = 0; i < 2000; ++i) share(pool, {"key" + std::to_string(i)});
  EXPECT_TRUE(first.expired());
  const std::weak_ptr<const Keys> next = share(pool, {"next"});
  for (int i = 0; i < 200; ++i) share(pool, {"more" + std::to_string(i)});
  EXPECT_TRUE(next.expired()) << "the peak is over";
}

TEST(KeyPool, serves_any_thread) {
  KeyPool pool;
  const auto work = [&pool] {
    for (int i = 0; i < 500; ++i) {
      const std::string name = "key" + std::to_string(i % 100);
      const SharedKeys keys = share(pool, {name});
      EXPECT_EQ(pool.join(keys, keys)->name(1), name);
    }
  };
  std::thread other{work};
  work();
  other.join();
}

}  // namespace
}  // namespace virt
