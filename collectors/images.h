// SPDX-License-Identifier: Apache-2.0
// The images of a domain's disks: libvirt's "block.<n>.*", and what is no disk.
#ifndef VIRT_EXPORTER_COLLECTORS_IMAGES_H_
#define VIRT_EXPORTER_COLLECTORS_IMAGES_H_

#include <algorithm>
#include <string_view>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

struct Image {
  std::string_view target;  // the disk's, such as "vda"
  Record stats;             // with keys relative to it: "rd.bytes"
  bool on_top;              // the disk as the guest sees it; the others of the same target are of its backing chain
};

// In libvirt's order: each disk's image on top, then, with --backing_chain, those below it. A record without a name
// cannot be told apart and is left out.
inline std::vector<Image> images_of(const Domain& domain) {
  std::vector<Image> images;
  for (const Record& stats : domain.stats.group("block")) {
    const auto target = stats.text("name");
    if (!target) continue;
    const auto same = [&](const Image& image) { return image.target == *target; };
    const bool on_top = std::none_of(images.begin(), images.end(), same);
    images.push_back(Image{*target, stats, on_top});
  }
  return images;
}

// A CD-ROM or floppy drive without a medium. libvirt counts the requests to it all the same: 0.
inline bool is_empty_drive(const Disk& disk) {
  return (disk.device == "cdrom" || disk.device == "floppy") && !disk.has_source;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTORS_IMAGES_H_
