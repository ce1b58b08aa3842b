// SPDX-License-Identifier: Apache-2.0
// The TCP sockets that this process has open. CivetWeb gives no access to those of its connections.
#ifndef VIRT_EXPORTER_OPEN_SOCKETS_H_
#define VIRT_EXPORTER_OPEN_SOCKETS_H_

#include <string_view>

namespace virt {

// Resets the connection between our `port` and this peer. Unlike a close, a reset cannot be taken for the end of what
// was sent; what has not gone out is dropped. The caller keeps the connection from being closed meanwhile. Any thread.
void reset_connection(int port, std::string_view peer_address, int peer_port);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPEN_SOCKETS_H_
