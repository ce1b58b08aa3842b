// SPDX-License-Identifier: Apache-2.0
#include "exporter/registered.h"

namespace {

// Written by constructors of static objects, before main and at dlopen; read later, by the same thread.
virt_pollster_record* newest_pollster = nullptr;
virt_source_record* newest_source = nullptr;

}  // namespace

void virt_register_pollster(virt_pollster_record* record) {
  record->next = newest_pollster;
  newest_pollster = record;
}

void virt_register_source(virt_source_record* record) {
  record->next = newest_source;
  newest_source = record;
}

namespace virt {

const virt_pollster_record* registered_pollsters() { return newest_pollster; }
const virt_source_record* registered_sources() { return newest_source; }

}  // namespace virt
