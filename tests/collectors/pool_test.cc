// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

TEST(PoolPollster, pool_has_state_sizes_and_description) {
  EXPECT_EQ(samples_only(expose("compute.pool", snapshot_of(R"(Host:
      pool.0.name=images
      pool.0.uuid=u-1
      pool.0.autostart=1
      pool.0.persistent=1
      pool.0.state=2
      pool.0.capacity=100
      pool.0.allocation=30
      pool.0.available=70
      pool.0.volumes=3
      pool.0.type=dir
      pool.0.path=/images
      pool.1.name=off
      pool.1.state=0
      pool.1.autostart=0)"))),
            R"(libvirt_storage_pool_state{storage_pool="images"} 2
libvirt_storage_pool_state{storage_pool="off"} 0
libvirt_storage_pool_capacity_bytes{storage_pool="images"} 100
libvirt_storage_pool_allocation_bytes{storage_pool="images"} 30
libvirt_storage_pool_available_bytes{storage_pool="images"} 70
libvirt_storage_pool_volumes{storage_pool="images"} 3
libvirt_storage_pool_autostart{storage_pool="images"} 1
libvirt_storage_pool_autostart{storage_pool="off"} 0
libvirt_storage_pool_persistent{storage_pool="images"} 1
libvirt_storage_pool_info{storage_pool="images",uuid="u-1",type="dir",path="/images"} 1
libvirt_storage_pool_info{storage_pool="off",uuid="",type="",path=""} 1
)");
}

TEST(PoolPollster, host_without_pools_gives_nothing) { EXPECT_EQ(expose("compute.pool", Snapshot{}), ""); }

}  // namespace
}  // namespace virt
