// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/storage_pools.h"

#include <gmock/gmock.h>

#include "tests/support/named_things.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Eq;
using testing::Optional;
using testing::SizeIs;

Stats pools_of(const SharedHost&) { return read_all<StoragePools>(); }

TEST(StoragePools, active_pool_has_sizes_and_a_description) {
  const SharedHost host;
  const Stats stats = pools_of(host);
  ASSERT_THAT(stats.group("pool"), SizeIs(1));
  EXPECT_THAT(stats.text("pool.0.name"), Optional(Eq("default-pool")));
  EXPECT_THAT(stats.text("pool.0.uuid"), Optional(Eq("dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566")));
  EXPECT_THAT(stats.number("pool.0.state"), Optional(VIR_STORAGE_POOL_RUNNING));
  EXPECT_THAT(stats.number("pool.0.capacity"), Optional(100.0 * (1 << 30)));
  EXPECT_THAT(stats.number("pool.0.allocation"), Optional(0));
  EXPECT_THAT(stats.number("pool.0.available"), Optional(100.0 * (1 << 30)));
  EXPECT_THAT(stats.number("pool.0.volumes"), Optional(0));
  EXPECT_THAT(stats.text("pool.0.type"), Optional(Eq("dir")));
  EXPECT_THAT(stats.text("pool.0.path"), Optional(Eq("/default-pool")));
  EXPECT_THAT(stats.number("pool.0.autostart"), Optional(0));
  EXPECT_THAT(stats.number("pool.0.persistent"), Optional(1));
}

TEST(StoragePools, volumes_and_autostart_are_told) {
  const SharedHost host;
  virStoragePoolPtr pool = virStoragePoolLookupByName(host.connection(), "default-pool");
  virStorageVolFree(virStorageVolCreateXML(pool, "<volume><name>v</name><capacity>1024</capacity></volume>", 0));
  ASSERT_EQ(virStoragePoolSetAutostart(pool, 1), 0);
  virStoragePoolFree(pool);
  EXPECT_THAT(pools_of(host).number("pool.0.volumes"), Optional(1));
  EXPECT_THAT(pools_of(host).number("pool.0.autostart"), Optional(1));
}

TEST(StoragePools, inactive_pool_has_a_state_and_no_sizes) {
  const SharedHost host;
  virStoragePoolPtr pool = virStoragePoolLookupByName(host.connection(), "default-pool");
  ASSERT_EQ(virStoragePoolDestroy(pool), 0);
  virStoragePoolFree(pool);
  const Stats stats = pools_of(host);
  EXPECT_THAT(stats.number("pool.0.state"), Optional(VIR_STORAGE_POOL_INACTIVE));
  EXPECT_THAT(stats.number("pool.0.capacity"), Eq(std::nullopt)) << "libvirt says 0, and knows nothing";
  EXPECT_THAT(stats.number("pool.0.volumes"), Eq(std::nullopt));
  EXPECT_THAT(stats.text("pool.0.type"), Optional(Eq("dir")));
}

TEST(StoragePools, one_that_is_asked_for_alone_says_what_the_lists_say) {
  const SharedHost host;
  const Stats listed = read_all<StoragePools>(), alone = read_all<StoragePools>(true);
  for (const char* key : {"state", "autostart", "persistent", "responding"})
    EXPECT_EQ(alone.number(std::string{"pool.0."} + key), listed.number(std::string{"pool.0."} + key)) << key;
}

}  // namespace
}  // namespace virt
