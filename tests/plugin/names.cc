// SPDX-License-Identifier: Apache-2.0
// A plug-in that compiles with names that Prometheus takes, which the tests replace by others.
#include <string>

#include "exporter/libvirt/snapshot.h"

#ifndef ACME_LABEL
#define ACME_LABEL "device"
#endif
#ifndef ACME_FAMILY
#define ACME_FAMILY "acme_names"
#endif
#ifndef ACME_HELP
#define ACME_HELP "Nothing."
#endif

namespace acme {

const std::string made = "made";  // at run time

virt::Meter meter() { return {"", ACME_FAMILY, virt::Type::kGauge, virt::kOne, ACME_HELP}; }
virt::Resource resource() { return {nullptr, {{ACME_LABEL, made}}}; }
virt::Label label() { return {ACME_LABEL, made}; }

}  // namespace acme
