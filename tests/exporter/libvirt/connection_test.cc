// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "exporter/process/log.h"
#include "tests/support/captured_log.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(Connect, uri_that_may_work_is_accepted_without_asking_any_daemon) {
  for (const char* uri :
       {"qemu:///system", "qemu:///session", "qemu+unix:///system?socket=/nonexistent", "lxc:///system",
        "qemu+tls://nohost.invalid/system", "qemu+ssh://root@nohost.invalid/system", "xen:///system",
        "test+unix:///default", "qemu:///embed?root=/nonexistent", "test:///default"})
    EXPECT_NO_THROW(check_uri(uri)) << uri;
}

void expect_refused(const std::string& uri, const std::string& reason) {
  EXPECT_THAT([&] { check_uri(uri); },
              ThrowsMessage<std::invalid_argument>("--libvirt_uri: '" + uri + "' " + reason + "; try qemu:///system"));
}

TEST(Connect, text_that_is_no_uri_is_refused) {
  for (const char* uri : {"", "qemu", "/system", "localhost:16509"}) expect_refused(uri, "is not a libvirt URI");
}

TEST(Connect, unknown_driver_is_refused) {
  for (const char* uri : {"kvm:///system", "QEMU:///system", "+unix:///system", ":///system"})
    expect_refused(uri, "does not name a libvirt driver");
}

TEST(Connect, unknown_transport_is_refused) {
  EXPECT_THAT([] { check_uri("qemu+carrier:///system"); },
              ThrowsMessage<std::invalid_argument>("--libvirt_uri: 'qemu+carrier:///system' does not name a libvirt "
                                                   "transport; try qemu+unix:///system"));
}

TEST(Connect, host_file_of_the_test_driver_must_be_readable) {
  const TemporaryDirectory directory;
  EXPECT_NO_THROW(check_uri("test://" + directory.write("host.xml", host_xml(domain_xml("a")))));
  for (const std::string& file : {directory.path("missing.xml"), directory.path("."), directory.write("empty.xml", ""),
                                  directory.write("cut.xml", "<node><domain"), directory.write("other.xml", "<pool/>")})
    EXPECT_THAT([&] { check_uri("test://" + file); },
                ThrowsMessage<std::invalid_argument>(
                    AllOf(StartsWith("--libvirt_uri: 'test://" + file + "' "), Not(HasSubstr("\n")))));
}

// libvirt's XML library complains on standard error by itself.
TEST(ConnectDeathTest, nothing_but_the_exception_tells_of_a_host_file_that_is_missing) {
  const auto check = [] {
    try {
      check_uri("test:///nonexistent.xml");
    } catch (const std::invalid_argument&) {
      std::cerr << "refused\n";
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(check(), testing::ExitedWithCode(0), MatchesRegex("refused\n"));
}

TEST(Connect, connection_is_read_only) {
  const Connection connection = open_connection("test:///default");
  const DomainHandle domain{virDomainLookupByName(connection.get(), "test")};
  EXPECT_LT(virDomainDestroy(domain.get()), 0);
  EXPECT_EQ(LibvirtError{""}.code(), VIR_ERR_OPERATION_DENIED);
}

TEST(Connect, call_that_fails_is_logged_at_debug_level_alone) {
  const auto logged_at = [](const char* level) {
    start_log(level);
    const Connection connection = open_connection("test:///default");
    const CapturedLog captured;
    spdlog::set_level(spdlog::level::debug);
    int count = 0;
    EXPECT_LT(virNodeGetMemoryParameters(connection.get(), nullptr, &count, 0), 0);
    return captured.text();
  };
  EXPECT_THAT(logged_at("debug"), MatchesRegex("debug libvirt: [^\n]*virNodeGetMemoryParameters\n"));
  EXPECT_EQ(logged_at("info"), "");
}

TEST(Connect, daemon_that_is_not_there_is_named_with_its_socket) {
  EXPECT_THAT([] { open_connection("qemu+unix:///system?socket=/nonexistent/sock"); },
              ThrowsMessage<LibvirtError>(AllOf(StartsWith("cannot connect to qemu+unix:///system?socket="),
                                                HasSubstr("'/nonexistent/sock': No such file or directory"))));
}

void listen_at(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
}

[[noreturn]] void connect_as_nobody(const std::string& socket) {
  constexpr uid_t kNobody = 65534;
  if (setgid(kNobody) != 0 || setuid(kNobody) != 0) std::cerr << "this test needs root\n";
  try {
    open_connection("qemu+unix:///system?socket=" + socket);
  } catch (const std::exception& error) {
    std::cerr << error.what();
  }
  std::_Exit(0);
}

TEST(ConnectDeathTest, permission_denied_comes_with_the_way_to_get_it) {
  const TemporaryDirectory directory;
  listen_at(directory.path("sock"));
  EXPECT_EXIT(connect_as_nobody(directory.path("sock")), testing::ExitedWithCode(0),
              AllOf(HasSubstr("Permission denied"), HasSubstr("org.libvirt.unix.monitor"), HasSubstr("auth_unix_ro"),
                    Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace virt
