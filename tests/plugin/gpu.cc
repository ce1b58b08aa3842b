// SPDX-License-Identifier: Apache-2.0
// A source from outside the exporter's tree, and a pollster of it: the temperatures of GPUs, which a driver writes into
// a file with a line "INDEX DEGREES" for each. --plugin_settings=acme_gpus:file=PATH says where.
#include "gpu.h"

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "exporter/stats_builder.h"

namespace acme {
namespace {

class GpuSource : public virt::BlockingSource {
 public:
  explicit GpuSource(const virt::Settings& settings) : file_(settings.get("file").value_or("/run/acme/gpus")) {}

  std::shared_ptr<virt::SnapshotBase> read(virt::Needs, std::chrono::steady_clock::time_point) override {
    std::ifstream file{file_};  // may hang, as may all that follows
    if (!file) throw std::runtime_error("cannot open " + file_);
    const auto snapshot = std::make_shared<GpuSnapshot>();
    virt::StatsBuilder gpus;
    int index = 0;
    for (double degrees = 0; file >> index >> degrees;)
      gpus.add("gpu." + std::to_string(index) + ".temperature", degrees);
    if (!file.eof()) throw std::runtime_error(file_ + " has a line that is not INDEX DEGREES");
    snapshot->gpus = gpus.build();
    snapshot->up = true;
    return snapshot;
  }
  std::shared_ptr<virt::SnapshotBase> nothing() const override { return std::make_shared<GpuSnapshot>(); }

 private:
  const std::string file_;
};

constexpr virt::Meter kTemperature[] = {
    {"temperature", "acme_gpu_temperature_celsius", virt::Type::kGauge, virt::kOne, "Temperature of the GPU (driver)."},
};

class GpuPollster : public virt::PollsterOf<GpuSnapshot> {
 public:
  std::vector<virt::Meters> meters() const override { return {kTemperature}; }
  virt::Needs needs() const override { return 0; }

  virt::Counters get_counters(const GpuSnapshot& snapshot) const override {
    virt::Counters counters;
    for (const virt::Record& gpu : snapshot.gpus.group("gpu"))
      counters.sample(kTemperature, gpu, {nullptr, {{"gpu", gpu.index()}}});
    return counters;
  }
};

REGISTER_SOURCE(acme_gpus, GpuSource);
REGISTER_POLLSTER(acme, gpu, GpuPollster);

}  // namespace
}  // namespace acme
