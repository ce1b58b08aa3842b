// SPDX-License-Identifier: Apache-2.0
// Flavors: Nova's flavors, public ones and others.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCount[] = {
    {"", "openstack_nova_flavors", Type::kGauge, kOne, "Flavors, public ones and others (Nova flavors)."}};
constexpr Meter kFlavor[] = {{"", "openstack_nova_flavor", Type::kGauge, kOne,
                              "Constant 1; labels describe the flavor, ram in MiB and disk in GiB (Nova flavors)."}};

class FlavorPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCount, kFlavor}; }
  Needs needs() const override { return CloudList::kFlavors; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const flavors = snapshot.items(CloudList::kFlavors);
    if (flavors == nullptr) return counters;
    sample_count(kCount[0], flavors, counters);
    for (const Stats& flavor : *flavors) sample_one(flavor, counters);
    return counters;
  }

 private:
  static void sample_one(const Stats& flavor, Counters& counters) {
    const std::string vcpus = number_text(flavor, "vcpus"), ram = number_text(flavor, "ram"),
                      disk = number_text(flavor, "disk");
    counters.sample(kFlavor[0], 1,
                    {nullptr,
                     {{"id", text(flavor, "id")},
                      {"name", text(flavor, "name")},
                      {"vcpus", vcpus},
                      {"ram", ram},
                      {"disk", disk},
                      {"is_public", flag_text(flavor, "os-flavor-access:is_public")}}});
  }
};

REGISTER_POLLSTER(central, flavor, FlavorPollster);

}  // namespace
}  // namespace virt
