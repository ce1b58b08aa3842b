// SPDX-License-Identifier: Apache-2.0
// The TCP sockets that this process has open. CivetWeb gives no access to those of its connections.
#ifndef VIRT_EXPORTER_HTTP_OPEN_SOCKETS_H_
#define VIRT_EXPORTER_HTTP_OPEN_SOCKETS_H_

#include <string_view>
#include <vector>

namespace virt {

// Resets the connection between our `port` and this peer. Unlike a close, a reset cannot be taken for the end of what
// was sent; what has not gone out is dropped. The caller keeps the connection from being closed meanwhile. Any thread.
void reset_connection(int port, std::string_view peer_address, int peer_port);

// Ends all listening and reading at our `ports`: connections whose requests have not arrived are over, answers go on.
// Any thread.
void stop_reading_at(const std::vector<int>& ports);

// Whether any connection to our `ports` is still open. Any thread.
bool are_connected_at(const std::vector<int>& ports);

// Ends all listening at our `ports`, and resets all connections there. Any thread.
void reset_all_at(const std::vector<int>& ports);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_OPEN_SOCKETS_H_
