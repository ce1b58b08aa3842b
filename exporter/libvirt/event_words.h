// SPDX-License-Identifier: Apache-2.0
// libvirt's numbers in events, in words: what stands at a number is what libvirt's header calls it. tests compare them
// with the header that is installed.
#ifndef VIRT_EXPORTER_LIBVIRT_EVENT_WORDS_H_
#define VIRT_EXPORTER_LIBVIRT_EVENT_WORDS_H_

#include <string_view>

namespace virt {

// Of virDomainEventID, those that libvirt 9.0's header lacks.
inline constexpr int kNicMacChange = 27;      // libvirt 11.2
inline constexpr int kVcpuRemoved = 28;       // libvirt 12.4
inline constexpr int kChannelLifecycle = 29;  // libvirt 12.4

inline constexpr std::string_view kLifecycleWords[] = {"defined", "undefined", "started",     "suspended", "resumed",
                                                       "stopped", "shutdown",  "pmsuspended", "crashed"};
inline constexpr std::string_view kStoppedWords[] = {"shutdown", "destroyed", "crashed",       "migrated",
                                                     "saved",    "failed",    "from_snapshot", "recreated"};
inline constexpr std::string_view kSuspendedWords[] = {
    "user",          "migration", "ioerror",  "watchdog",        "restored",
    "from_snapshot", "api_error", "postcopy", "postcopy_failed", "guest_shutdown"};
inline constexpr std::string_view kWatchdogWords[] = {"none",     "pause", "reset",     "poweroff",
                                                      "shutdown", "debug", "inject_nmi"};
inline constexpr std::string_view kBlockJobWords[] = {"unknown", "pull", "copy", "commit", "active_commit", "backup"};
inline constexpr std::string_view kBlockJobEndWords[] = {"completed", "failed", "canceled", "ready"};
inline constexpr std::string_view kTrayWords[] = {"open", "close"};
inline constexpr std::string_view kMetadataWords[] = {"description", "title", "element"};
inline constexpr std::string_view kAgentWords[] = {"unknown", "connected", "disconnected"};
inline constexpr std::string_view kChannelWords[] = {"unknown", "connected", "disconnected"};
inline constexpr std::string_view kMemoryFailureWords[] = {"ignore", "inject", "fatal", "reset"};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_EVENT_WORDS_H_
