// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_VERSION_H_
#define VIRT_EXPORTER_VERSION_H_

namespace virt {

extern const char kVersion[];   // "0.1.0"
extern const char kRevision[];  // the commit this was built from; "unknown" outside a checkout
extern const char kCompiler[];  // "GNU 12.2.0"

}  // namespace virt

#endif  // VIRT_EXPORTER_VERSION_H_
