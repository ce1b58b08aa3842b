// SPDX-License-Identifier: Apache-2.0
// The pollsters and sources that have registered themselves, as plain records.
#ifndef VIRT_EXPORTER_REGISTERED_H_
#define VIRT_EXPORTER_REGISTERED_H_

#include "exporter/abi.h"

namespace virt {

// The records of all that registered so far, the newest first; null if none did. Not while a plug-in is being loaded.
const virt_pollster_record* registered_pollsters();
const virt_source_record* registered_sources();

}  // namespace virt

#endif  // VIRT_EXPORTER_REGISTERED_H_
