// SPDX-License-Identifier: Apache-2.0
// For tests of pollsters: a libvirt made of text, as `virsh domstats --raw` and `virsh dumpxml` print it.
#ifndef VIRT_EXPORTER_TESTING_DOMSTATS_H_
#define VIRT_EXPORTER_TESTING_DOMSTATS_H_

#include <map>
#include <string>
#include <string_view>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Returns a Domain for each line "Domain: 'NAME'". The lines "key=value" below it are its statistics: "yes" and "no"
// are booleans, anything else that is not a number is text. Those below a line "Host:" are Snapshot::host. Blank lines
// and leading blanks do not matter. A domain is active unless its state.state is 5, shut off. Its facts come from the
// XML that `xml` has for its name.
//
// Throws std::invalid_argument for any other line, and for XML that libvirt would not have written.
Snapshot snapshot_of(std::string_view domstats, const std::map<std::string, std::string>& xml = {});

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTING_DOMSTATS_H_
