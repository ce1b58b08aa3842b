// SPDX-License-Identifier: Apache-2.0
// The tests of a source of one's own and of its pollster.
#include "gpu.h"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "exporter/stats_builder.h"
#include "exporter/testing/expose.h"

namespace acme {
namespace {

// The settings of a source that reads this text.
virt::TestSettings file_of(const std::string& text) {
  const std::string path = testing::TempDir() + "/gpus";
  std::ofstream{path} << text;
  return {{"file", path}};
}

TEST(GpuPollster, gives_the_temperature_of_each_gpu) {
  virt::StatsBuilder gpus;
  gpus.add("gpu.0.temperature", 64.5);
  gpus.add("gpu.3.temperature", 71);
  GpuSnapshot snapshot;
  snapshot.gpus = gpus.build();
  EXPECT_EQ(virt::samples_only(virt::expose("acme.gpu", snapshot)),
            "acme_gpu_temperature_celsius{gpu=\"0\"} 64.5\nacme_gpu_temperature_celsius{gpu=\"3\"} 71\n");
}

TEST(GpuSource, reads_a_line_for_each_gpu) {
  const auto snapshot = virt::read_source<GpuSnapshot>(file_of("2 51.5\n"));
  EXPECT_TRUE(snapshot->up);
  EXPECT_EQ(snapshot->gpus.number("gpu.2.temperature"), 51.5);
}

TEST(GpuSource, file_that_is_not_there_or_not_understood_is_an_error) {
  EXPECT_THROW(virt::read_source<GpuSnapshot>({{"file", "/nonexistent"}}), std::runtime_error);
  EXPECT_THROW(virt::read_source<GpuSnapshot>(file_of("2 warm\n")), std::runtime_error);
}

}  // namespace
}  // namespace acme
