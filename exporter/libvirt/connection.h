// SPDX-License-Identifier: Apache-2.0
// Connections to libvirt: read-only, always.
#ifndef VIRT_EXPORTER_LIBVIRT_CONNECT_H_
#define VIRT_EXPORTER_LIBVIRT_CONNECT_H_

#include <string>

#include "exporter/libvirt/handles.h"

namespace virt {

// Throws std::invalid_argument if `uri` can never work: not a URI, no driver or transport of libvirt's, a
// host file of the test driver that cannot be read. Asks no daemon, so it neither waits nor needs one.
void check_uri(const std::string& uri);

// Throws LibvirtError, with a hint what to do where permission is the reason.
Connection open_connection(const std::string& uri);

// Connects if the connection is not there or dead; whether it did. Throws LibvirtError.
bool keep_open(const std::string& uri, Connection& connection);

// Throws LibvirtError if the connection is dead.
void check_alive(const Connection& connection);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_CONNECT_H_
