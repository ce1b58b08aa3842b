// SPDX-License-Identifier: Apache-2.0
// OpenStack's APIs as a source.
#ifndef VIRT_EXPORTER_OPENSTACK_OPENSTACK_SOURCE_H_
#define VIRT_EXPORTER_OPENSTACK_OPENSTACK_SOURCE_H_

#include "exporter/openstack/cloud.h"
#include "exporter/openstack/cloud_files.h"
#include "exporter/source.h"

namespace virt {

// Its open() reads the configuration and throws std::invalid_argument if that is wrong; it logs in on the first read.
SourceKind openstack_source(CloudOptions cloud, Cloud::Options options);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_OPENSTACK_SOURCE_H_
