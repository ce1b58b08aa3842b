// SPDX-License-Identifier: Apache-2.0
// Stands before libvirt's function.
#include "tests/support/lost_connection.h"

#include <dlfcn.h>
#include <libvirt/libvirt.h>

#include <atomic>

namespace virt {
namespace {

std::atomic<bool> is_lost{false};

}  // namespace

LostConnection::LostConnection() { is_lost = true; }
LostConnection::~LostConnection() { is_lost = false; }

}  // namespace virt

extern "C" int virConnectIsAlive(virConnectPtr connection) {
  if (virt::is_lost) return 0;
  return reinterpret_cast<decltype(virConnectIsAlive)*>(dlsym(RTLD_NEXT, "virConnectIsAlive"))(connection);
}
