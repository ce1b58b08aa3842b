// SPDX-License-Identifier: Apache-2.0
// Connections to libvirt that die while something is read over them.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_LOST_CONNECTION_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_LOST_CONNECTION_H_

namespace virt {

// For as long as it lives, in this process: libvirt says of every connection that it is dead. One at a time.
class LostConnection {
 public:
  LostConnection();
  ~LostConnection();
  LostConnection(const LostConnection&) = delete;
  LostConnection& operator=(const LostConnection&) = delete;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_LOST_CONNECTION_H_
