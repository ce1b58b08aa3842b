// SPDX-License-Identifier: Apache-2.0
// Volumes and their snapshots: Cinder's volumes and snapshots.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kVolumes[] = {
    {"", "openstack_cinder_volumes", Type::kGauge, kOne, "Volumes of all projects (Cinder volumes)."}};
constexpr Meter kByStatus[] = {{"", "openstack_cinder_volume_status_counter", Type::kGauge, kOne,
                                "Volumes of all projects with a status (Cinder volumes status)."}};
constexpr Meter kSize[] = {
    {"size", "openstack_cinder_volume_gb", Type::kGauge, kOne,
     "GiB of the volume; labels describe it, server_id is the server that has it (Cinder volumes size)."}};
constexpr Meter kSnapshots[] = {
    {"", "openstack_cinder_snapshots", Type::kGauge, kOne, "Snapshots of volumes of all projects (Cinder snapshots)."}};
constexpr Meter kSnapshotsByStatus[] = {{"", "openstack_cinder_snapshots_by_status", Type::kGauge, kOne,
                                         "Snapshots of volumes of all projects with a status (Cinder snapshots "
                                         "status)."}};

// Those that a volume can have. A status that no volume has counts 0, so that alerts can wait for one.
constexpr std::string_view kStatuses[] = {"available",      "attaching",        "awaiting-transfer", "backing-up",
                                          "creating",       "deleting",         "detaching",         "downloading",
                                          "error",          "error_backing-up", "error_deleting",    "error_extending",
                                          "error_managing", "error_restoring",  "extending",         "in-use",
                                          "maintenance",    "managing",         "reserved",          "restoring-backup",
                                          "retyping",       "uploading"};

class VolumePollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kVolumes, kByStatus, kSize, kSnapshots, kSnapshotsByStatus}; }
  Needs needs() const override { return CloudList::kVolumes | CloudList::kVolumeSnapshots; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    if (const CloudItems* const volumes = snapshot.items(CloudList::kVolumes)) sample_volumes(*volumes, counters);
    if (const CloudItems* const snapshots = snapshot.items(CloudList::kVolumeSnapshots)) {
      sample_count(kSnapshots[0], snapshots, counters);
      for (const auto& [key, count] : count_by<1>(*snapshots, {"status"}))
        counters.sample(kSnapshotsByStatus[0], count, {nullptr, {{"status", key[0]}}});
    }
    return counters;
  }

 private:
  static void sample_volumes(const CloudItems& volumes, Counters& counters) {
    sample_count(kVolumes[0], &volumes, counters);
    auto counts = count_by<1>(volumes, {"status"});
    for (const std::string_view status : kStatuses) counts.try_emplace({status});
    for (const auto& [key, count] : counts) counters.sample(kByStatus[0], count, {nullptr, {{"status", key[0]}}});
    for (const Stats& volume : volumes) sample_one(volume, counters);
  }

  static void sample_one(const Stats& volume, Counters& counters) {
    const auto size = volume.number("size");
    if (!size) return;
    counters.sample(kSize[0], *size,
                    {nullptr,
                     {{"id", text(volume, "id")},
                      {"name", text(volume, "name")},
                      {"status", text(volume, "status")},
                      {"availability_zone", text(volume, "availability_zone")},
                      {"bootable", text(volume, "bootable")},
                      {"tenant_id", text(volume, "os-vol-tenant-attr:tenant_id")},
                      {"user_id", text(volume, "user_id")},
                      {"volume_type", text(volume, "volume_type")},
                      {"server_id", text(volume, "attachments.0.server_id")}}});
  }
};

REGISTER_POLLSTER(central, volume, VolumePollster);

}  // namespace
}  // namespace virt
