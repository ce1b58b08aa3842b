// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/connection.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <system_error>

#include "exporter/process/log.h"

namespace virt {
namespace {

constexpr std::string_view kDrivers[] = {"qemu", "xen",       "lxc",          "test",     "ch",          "bhyve",
                                         "vz",   "vbox",      "openvz",       "hyperv",   "esx",         "gsx",
                                         "vpx",  "parallels", "vmwareplayer", "vmwarews", "vmwarefusion"};
constexpr std::string_view kTransports[] = {"", "unix", "tls", "tcp", "ssh", "ext", "libssh", "libssh2"};

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// libvirt calls this for every call that failed, on the thread that made it, and would else write to standard error.
// Most are no fault: a driver that does not know a statistic. So what is missing from the metrics is explained at
// --log_level=debug, and what is a problem is logged where it is noticed.
void log_error(void*, virErrorPtr error) {
  if (logs_debug() && error->message != nullptr) spdlog::debug("libvirt: {}", one_line(error->message));
}

void initialise() {
  static std::once_flag once;
  std::call_once(once, [] {
    virInitialize();
    virSetErrorFunc(nullptr, log_error);
  });
}

// A libvirtd that says nothing for so long is dead, and with it every call that waits for it.
constexpr int kKeepAliveSeconds = 5;
constexpr unsigned kKeepAliveMissing = 3;

bool mentions(std::string_view message, std::string_view part) { return message.find(part) != std::string_view::npos; }

std::string hint(const std::string& message) {
  if (mentions(message, "find user record") || mentions(message, "find group record"))
    return " (libvirtd must be able to resolve this process's uid and gid: run the exporter as a user that exists in "
           "that host's passwd)";
  if (mentions(message, "Permission denied") || mentions(message, "uthentication") ||
      mentions(message, "access denied") || mentions(message, "polkit") || mentions(message, "system bus"))
    return " (the read-only socket is enough: allow it by the polkit action org.libvirt.unix.monitor, or by "
           "auth_unix_ro = \"none\" in libvirtd.conf; membership in the group libvirt is not needed)";
  return {};
}

}  // namespace

void check_uri(const std::string& uri) {
  const std::string_view scheme = std::string_view{uri}.substr(0, uri.find(':'));
  const std::string_view driver = scheme.substr(0, scheme.find('+'));
  const std::string_view transport = driver == scheme ? "" : scheme.substr(driver.size() + 1);
  const std::string start = "--libvirt_uri: '" + uri + "' ";
  if (uri.find(":/") == std::string::npos)
    throw std::invalid_argument(start + "is not a libvirt URI; try qemu:///system");
  if (!contains(kDrivers, driver))
    throw std::invalid_argument(start + "does not name a libvirt driver; try qemu:///system");
  if (!contains(kTransports, transport))
    throw std::invalid_argument(start + "does not name a libvirt transport; try qemu+unix:///system");
  if (scheme != "test") return;
  const std::string file = uri.substr(std::min(uri.size(), std::string_view{"test://"}.size()));
  std::error_code error;
  if (file != "/default" && (access(file.c_str(), R_OK) != 0 || !std::filesystem::is_regular_file(file, error)))
    throw std::invalid_argument(start + "does not name a readable file");  // libxml2 would write to standard error
  try {
    open_connection(uri);  // the test driver lives in this process
  } catch (const LibvirtError& error) {
    throw std::invalid_argument(start + "cannot be opened: " + error.what());
  }
}

Connection open_connection(const std::string& uri) {
  initialise();
  Connection connection{virConnectOpenReadOnly(uri.c_str())};
  if (connection) {
    virConnectSetKeepAlive(connection.get(), kKeepAliveSeconds, kKeepAliveMissing);  // local drivers need none
    return connection;
  }
  const LibvirtError error{"cannot connect to " + uri};
  const std::string advice = hint(error.what());
  if (advice.empty()) throw error;
  throw std::runtime_error(error.what() + advice);
}

bool keep_open(const std::string& uri, Connection& connection) {
  if (connection && virConnectIsAlive(connection.get()) == 1) return false;
  connection = open_connection(uri);
  return true;
}

void check_alive(const Connection& connection) {
  if (virConnectIsAlive(connection.get()) != 1) throw LibvirtError("the connection was lost");
}

}  // namespace virt
