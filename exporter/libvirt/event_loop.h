// SPDX-License-Identifier: Apache-2.0
// The loop that libvirt's client needs for events and keepalive, in place of its default one: that one wakes its thread
// before and after every call on every connection, which makes a call half as dear again. This one leaves it asleep:
// epoll takes changes from any thread.
#ifndef VIRT_EXPORTER_LIBVIRT_EVENT_LOOP_H_
#define VIRT_EXPORTER_LIBVIRT_EVENT_LOOP_H_

namespace virt {

// Registers the loop with libvirt and runs it in a thread that never ends. Before the first connection; any thread, and
// any number of times. Throws std::system_error.
void start_event_loop();

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_EVENT_LOOP_H_
