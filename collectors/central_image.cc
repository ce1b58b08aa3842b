// SPDX-License-Identifier: Apache-2.0
// Images, of which servers and volumes are made: Glance's images.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCount[] = {{"", "openstack_glance_images", Type::kGauge, kOne,
                             "Images of all projects, without hidden ones (Glance images)."}};
constexpr Meter kBytes[] = {{"size", "openstack_glance_image_bytes", Type::kGauge, kOne,
                             "Bytes of the image; absent until it is uploaded (Glance images size)."}};
constexpr Meter kCreated[] = {
    {"created_at", "openstack_glance_image_created_at", Type::kGauge, kOne,
     "Unix time at which the image was created; labels describe the image (Glance images created_at)."}};

class ImagePollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCount, kBytes, kCreated}; }
  Needs needs() const override { return CloudList::kImages; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const images = snapshot.items(CloudList::kImages);
    if (images == nullptr) return counters;
    sample_count(kCount[0], images, counters);
    for (const Stats& image : *images) sample_one(image, counters);
    return counters;
  }

 private:
  static void sample_one(const Stats& image, Counters& counters) {
    const std::string_view id = text(image, "id"), name = text(image, "name"), owner = text(image, "owner");
    if (const auto bytes = image.number("size"))
      counters.sample(kBytes[0], *bytes, {nullptr, {{"id", id}, {"name", name}, {"tenant_id", owner}}});
    if (const auto created = unix_time(text(image, "created_at")))
      counters.sample(kCreated[0], *created,
                      {nullptr,
                       {{"id", id},
                        {"name", name},
                        {"tenant_id", owner},
                        {"visibility", text(image, "visibility")},
                        {"hidden", flag_text(image, "os_hidden")},
                        {"status", text(image, "status")}}});
  }
};

REGISTER_POLLSTER(central, image, ImagePollster);

}  // namespace
}  // namespace virt
