// SPDX-License-Identifier: Apache-2.0
#include "collectors/ceilometer.h"

#include <gtest/gtest.h>

#include "exporter/testing/expose.h"
#include "exporter/text/families.h"
#include "tests/support/stats_of.h"

namespace virt::ceilometer {
namespace {

constexpr Row kRows[] = {
    {{"", "ceilometer_cpu", Type::kCumulative, kOne, "CPU."}, "cpu", "ns"},
    {{"state", "ceilometer_power_state", Type::kGauge, kOne, "State."}, "power.state", ""},
    {{"rd", "ceilometer_disk_device_read_bytes", Type::kCumulative, kMebibytesOfKibibytes, "Read."},
     "disk.device.read.bytes",
     "B"},
};

Domain domain_with(const Nova& nova) {
  DomainFacts facts;
  facts.nova = nova;
  Domain domain;
  domain.name = "instance-1";
  domain.uuid = "d1";
  domain.facts = std::make_shared<const DomainFacts>(facts);
  return domain;
}

Nova full() {
  Nova nova;
  nova.name = "web";
  nova.project_id = "p1";
  nova.project_name = "shop";
  nova.user_id = "u1";
  nova.user_name = "ann";
  nova.flavor_id = "f1";
  nova.flavor_name = "m1";
  return nova;
}

std::string text_of(const Counters& counters) {
  return families_text(meters_of(kRows), counters, DomainLabels{"project_id"});
}

std::string sampled(const Row& row, const Domain& domain) {
  const Instance instance{domain, "node-1"};
  Counters counters;
  instance.sample(row, 7, instance.source(), counters);
  return text_of(counters);
}

// echo -n p1node-1 | sha224sum
constexpr char kHostId[] = "a1aca229c29de79e8652339f3a6466e79f36b221dc200e5e8deec73b";

TEST(Ceilometer, labels_are_those_of_its_exporter_in_its_order) {
  EXPECT_EQ(sampled(kRows[0], domain_with(full())),
            "# HELP ceilometer_cpu CPU.\n# TYPE ceilometer_cpu counter\n"
            "ceilometer_cpu{cpu=\"d1\",publisher=\"ceilometer\",type=\"cpu\",counter=\"cpu\",project=\"p1\","
            "project_name=\"shop\",user=\"u1\",user_name=\"ann\",unit=\"ns\",resource=\"d1\",vm_instance=\"" +
                std::string{kHostId} +
                "\",resource_name=\"web:instance-1\",server_group=\"none\",flavor_id=\"f1\",flavor_name=\"m1\"} 7\n");
}

TEST(Ceilometer, labels_that_are_empty_are_left_out_but_for_those_that_are_always_there) {
  // The digest is that of "node-1" alone.
  EXPECT_EQ(sampled(kRows[1], domain_with({})),
            "# HELP ceilometer_power_state State.\n# TYPE ceilometer_power_state gauge\n"
            "ceilometer_power_state{power=\"d1\",publisher=\"ceilometer\",type=\"state\",counter=\"power.state\","
            "resource=\"d1\",vm_instance=\"3eafcf75381d5572f1743dce05b8874ff08268d5edf4fbc211fd4a0e\","
            "resource_name=\"instance-1\",server_group=\"none\"} 7\n");
}

TEST(Ceilometer, third_part_of_the_meter_is_the_value_of_the_first_label) {
  const Domain domain = domain_with({});
  const Stats stats = stats_of({{"rd", 2048}});
  Counters counters;
  Instance{domain, "node-1"}.sample(kRows, stats.all(), {"d1-vda", "vda"}, counters);
  EXPECT_EQ(text_of(counters),
            "# HELP ceilometer_disk_device_read_bytes Read.\n# TYPE ceilometer_disk_device_read_bytes counter\n"
            "ceilometer_disk_device_read_bytes{disk=\"read\",publisher=\"ceilometer\",type=\"device\","
            "counter=\"disk.device.read.bytes\",unit=\"B\",resource=\"d1-vda\","
            "vm_instance=\"3eafcf75381d5572f1743dce05b8874ff08268d5edf4fbc211fd4a0e\",resource_name=\"vda\","
            "server_group=\"none\"} 2\n")
      << "and what the record lacks is absent";
}

}  // namespace
}  // namespace virt::ceilometer
