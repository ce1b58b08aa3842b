// SPDX-License-Identifier: Apache-2.0
// libvirt as a source: the hypervisor and its domains.
#ifndef VIRT_EXPORTER_LIBVIRT_LIBVIRT_SOURCE_H_
#define VIRT_EXPORTER_LIBVIRT_LIBVIRT_SOURCE_H_

#include <chrono>
#include <memory>
#include <string>

#include "exporter/instruments.h"
#include "exporter/source.h"

namespace virt {

struct LibvirtOptions {
  std::string uri;
  std::chrono::duration<double> xml_refresh{60};  // within this time all is read again that libvirt does not announce
  std::size_t workers = 4;                        // calls to QEMU's monitors at once, while these are quick
  std::size_t max_calls = 12;    // calls to monitors that may be out at once, with those of others that hang
  std::string host_name = {};    // Snapshot::source; empty = the machine's
  bool backing_chain = false;    // statistics of the images below the disks' as well
  Instruments instruments = {};  // has what is counted of an open source
};

// Its open() throws std::invalid_argument if the URI can never work. It connects on the first read, and again whenever
// the connection was lost.
SourceKind libvirt_source(LibvirtOptions options);

// The version of the libvirt library that this process is linked with, "9.0.0".
std::string libvirt_library_version();

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_LIBVIRT_SOURCE_H_
