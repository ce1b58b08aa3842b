// SPDX-License-Identifier: Apache-2.0
// The program itself: its flags, what it prints, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "exporter/http/http_server.h"
#include "exporter/http/listen_address.h"
#include "exporter/text/words.h"
#include "tests/support/http_client.h"
#include "tests/support/ipv6.h"
#include "tests/support/notify_socket.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Flags = std::vector<std::string>;

constexpr char kUri[] = "--libvirt_uri=test:///default";
constexpr char kNoDaemon[] = "--libvirt_uri=qemu+unix:///system?socket=/nonexistent/sock";
constexpr char kAnyPort[] = "--listen_address=127.0.0.1:0";

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

// Such a program ends before it serves, and says why in one line.
void expect_refused(const Flags& flags, const std::string& reason) {
  Program program{flags};
  program.wait_for_log(" listens on ");  // or for its end
  program.signal(SIGKILL);
  const Ended ended = program.wait();
  SCOPED_TRACE(testing::PrintToString(flags));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_THAT(lines(ended.err), SizeIs(1)) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(reason));
}

TEST(Main, unknown_flag_is_refused) {
  expect_refused({"--libvirt_url=test:///default"}, "unknown command line flag 'libvirt_url'");
  expect_refused({"-x"}, "unknown command line flag 'x'");
}

TEST(Main, argument_that_is_no_flag_is_refused) {
  expect_refused({"stray"}, "'stray' is not a flag; see --help");
  expect_refused({kUri, "--once", "true"}, "'true' is not a flag; see --help");
}

TEST(Main, number_that_is_none_is_refused) {
  expect_refused({"--scrape_timeout=soon"}, "illegal value 'soon' specified for double flag 'scrape_timeout'");
  for (const char* value : {"0", "-1", "nan", "inf", "1e300"})
    expect_refused({"--scrape_timeout=" + std::string{value}, kUri}, "--scrape_timeout: must be ");
  expect_refused({"--scrape_timeout_offset=-0.5", kUri}, "--scrape_timeout_offset: must be 0 seconds or more");
  expect_refused({"--xml_refresh=0", kUri}, "--xml_refresh: must be greater than 0 seconds");
}

TEST(Main, pollster_that_is_unknown_is_refused) {
  expect_refused({"--pollsters=compute.gpu", kUri}, "no pollster matches 'compute.gpu'; pollsters: ceilometer.disk, ");
  expect_refused({"--pollsters=compute.*,acme.*", kUri}, "no pollster matches 'acme.*'; pollsters: ceilometer.disk, ");
  expect_refused({"--pollsters=!*", kUri}, "no pollster is selected; pollsters: ceilometer.disk, ");
}

TEST(Main, address_that_cannot_be_listened_at_is_refused) {
  expect_refused({"--listen_address=9177", kUri}, "--listen_address: '9177' is not a HOST:PORT; try 0.0.0.0:9177");
  expect_refused({"--listen_address=::1:9177", kUri}, "is not a HOST:PORT; write IPv6 as in [::1]:9177");
  expect_refused({"--listen_address=127.0.0.1:0,no-such-host.invalid:0", kUri},
                 "'no-such-host.invalid' cannot be resolved");
  const HttpServer other{"127.0.0.1:0", {}};
  expect_refused({"--listen_address=127.0.0.1:0," + other.addresses().front().text(), kUri}, "Address already in use");
  if (!can_serve_ipv6())
    expect_refused({"--listen_address=127.0.0.1:0,[::1]:9177", kUri}, "'[::1]:9177' needs IPv6, but");
}

TEST(Main, every_address_of_a_list_is_said_and_served_and_watched) {
  std::string list = "127.0.0.1:0,127.0.0.2:0,localhost:0";
  if (can_serve_ipv6()) list += ",[::1]:0,[::]:0,:0";
  const TemporaryDirectory directory;
  const std::string notify = directory.path("notify");
  const NotifySocket manager{notify};
  setenv("NOTIFY_SOCKET", notify.c_str(), 1);
  setenv("WATCHDOG_USEC", "300000", 1);
  Program program{{kUri, "--listen_address=" + list}};
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  const std::string said = program.wait_for_addresses();
  EXPECT_THAT(said, Not(HasSubstr(":0,"))) << "ports that were picked";
  int served = 0;
  for (const std::string_view text : split(said, ',')) {
    const ListenAddress address = parse_listen_addresses(std::string{text}, Ipv6::kAvailable).at(0);
    const std::string host = address.host == "::" ? "::1" : address.numeric_host();
    EXPECT_EQ(get_at(host, address.port, "/-/healthy").status, 200) << text;
    ++served;
  }
  EXPECT_GE(served, can_serve_ipv6() ? 6 : 3);
  EXPECT_EQ(manager.receive(), "READY=1");
  EXPECT_EQ(manager.receive(), "WATCHDOG=1");
  program.signal(SIGTERM);
  EXPECT_THAT(program.wait().err, Not(HasSubstr("watchdog: ")));
}

TEST(Main, web_configuration_with_a_mistake_is_refused_with_its_line) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("web.yml", "basic_auth_users:\n  alice: secret\n");
  expect_refused({"--web_config_file=" + file, kUri, kAnyPort}, file + ":2: alice: is not a bcrypt hash");
  expect_refused({"--web_config_file=/nonexistent/web.yml", kUri, kAnyPort}, "/nonexistent/web.yml cannot be read");
}

TEST(Main, web_configuration_is_read_again_when_it_changes) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("web.yml", "# for all\n");
  Program program{{"--web_config_file=" + file, kUri, kAnyPort}};
  const int port = program.wait_for_port();
  EXPECT_EQ(get(port, "/metrics").status, 200);
  directory.write("web.yml",
                  "basic_auth_users: {alice: $2y$04$hCi/O6ucQIbN5vYpVCaViObXNo2QI44iuscnHZo0eFDp/ZX0QSH5a}\n");
  EXPECT_EQ(get(port, "/metrics").status, 401);
  EXPECT_EQ(get(port, "/metrics", "Authorization: Basic YWxpY2U6c2VjcmV0\r\n").status, 200);
}

TEST(Main, other_flags_with_a_bad_value_are_refused) {
  expect_refused({"--domain_labels=uuid,colour", kUri}, "--domain_labels: unknown label 'colour'; choose from ");
  expect_refused({"--log_level=loud", kUri}, "--log_level: unknown level 'loud'; choose from debug, ");
  for (const char* path : {"", "metrics", "/", "/-/healthy", "/a b", "/a?b", "/\""})
    expect_refused({"--telemetry_path=" + std::string{path}, kUri}, "is reserved or not a valid path; try /metrics");
}

TEST(Main, plug_in_that_cannot_be_had_is_refused) {
  expect_refused({"--plugins=/nonexistent/a.so", kUri}, "--plugins: /nonexistent/a.so cannot be opened: No such file");
  const TemporaryDirectory directory;
  const std::string file = directory.write("text.so", "no ELF");
  expect_refused({"--plugins=" + file, kUri}, "--plugins: " + file + " cannot be loaded: ");
}

TEST(Main, uri_that_can_never_work_is_refused) {
  expect_refused({"--libvirt_uri=kvm:///system"}, "does not name a libvirt driver; try qemu:///system");
  expect_refused({"--libvirt_uri=qemu+carrier:///system"},
                 "does not name a libvirt transport; try qemu+unix:///system");
  expect_refused({"--libvirt_uri=system"}, "is not a libvirt URI; try qemu:///system");
  const TemporaryDirectory directory;
  for (const std::string& file :
       {directory.path("missing.xml"), directory.path("."), directory.write("bad.xml", "<node")})
    expect_refused({"--libvirt_uri=test://" + file}, "--libvirt_uri: 'test://" + file + "' ");
}

TEST(Main, once_writes_one_scrape) {
  const Ended ended = run_program({"--once", kUri});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_THAT(ended.out, AllOf(StartsWith("# HELP "), HasSubstr("\nlibvirt_up 1\n"),
                               HasSubstr("\nlibvirt_domain_state{domain=\"test\",state=\"running\",reason=\"")));
}

TEST(Main, once_fails_where_libvirt_is_not_up_and_still_writes_what_there_is) {
  const Ended ended = run_program({"--once", kNoDaemon});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("\nlibvirt_up 0\n"), HasSubstr("\nvirt_exporter_build_info{")));
  EXPECT_THAT(lines(ended.err), SizeIs(1));
  EXPECT_THAT(ended.err,
              HasSubstr(" warning libvirt: cannot connect to qemu+unix:///system?socket=/nonexistent/sock: "));
}

TEST(Main, pollsters_and_domain_labels_shape_the_scrape) {
  const Ended ended = run_program({"--once", kUri, "--pollsters=compute.cpu", "--domain_labels=uuid"});
  const std::string series = "{domain=\"test\",uuid=\"6695eb01-f6a4-8304-79aa-97f2502e193f\"} ";
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("\nlibvirt_domain_info_virtual_cpus" + series), Not(HasSubstr("_memory_stats_"))));
}

TEST(Main, flagfile_is_the_configuration_file) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("flags", "# the host\n--libvirt_uri=test:///default\n--pollsters=compute.cpu\n");
  EXPECT_THAT(run_program({"--flagfile=" + file, "--once"}).out,
              AllOf(HasSubstr("\nlibvirt_up 1\n"), Not(HasSubstr("compute.disk"))));
}

// gflags by itself passes over a flag that it does not know, and over all that follows a line that is no flag.
TEST(Main, flagfile_with_a_mistake_is_refused) {
  const TemporaryDirectory directory;
  const auto refused_as = [&](const std::string& text, const std::string& reason) {
    expect_refused({"--flagfile=" + directory.write("flags", text), kUri}, reason);
    expect_refused({"--flagfile", directory.path("flags"), kUri}, reason);
  };
  refused_as("--pollster=compute.cpu\n", "unknown command line flag 'pollster'");
  refused_as("pollsters=compute.cpu\n", directory.path("flags") + ":1: 'pollsters=compute.cpu' is not a flag");
  refused_as("--once\n--pollsters\n--once\n", directory.path("flags") + ":2: '--pollsters' lacks its value");
  refused_as("--flagfile=" + directory.write("inner", "--pollster=compute.cpu\n"),
             "unknown command line flag 'pollster'");
  refused_as("--flagfile=" + directory.write("inner", "--scrape_timeout=soon\n"), "illegal value 'soon'");
  refused_as("--flagfile=" + directory.path("flags"), directory.path("flags") + ":1: ");
  refused_as("--fromenv=flagfile", directory.path("flags") + ":1: --fromenv cannot take 'flagfile'");
  refused_as("--fromenv=pollsters", "FLAGS_pollsters not found in environment");
  refused_as("--scrape_timeout=soon\n", "illegal value 'soon'");
  expect_refused({"--flagfile=/nonexistent/flags"}, "/nonexistent/flags");
}

TEST(Main, flagfile_may_have_flags_of_another_version_if_it_says_so) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("flags", "--from_later=1\n--undefok=from_later\n--nolist_meters\n");
  EXPECT_EQ(run_program({"--flagfile=" + file, "--list_pollsters"}).status, 0);
}

TEST(Main, list_pollsters_says_which_are_on) {
  const Ended ended = run_program({"--list_pollsters", "--pollsters=!compute.disk"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(lines(ended.out),
              AllOf(Contains("compute.cpu\ton"), Contains("compute.disk\toff"), Contains("compute.kvm\toff"),
                    Contains("ceilometer.disk\toff"), Contains("compat.tinkoff\toff")));
  EXPECT_EQ(lines(run_program({"--list_pollsters", "--pollsters=*"}).out).size(), lines(ended.out).size());
}

TEST(Main, list_meters_has_name_type_pollster_and_help_of_each_family_once) {
  const Ended ended = run_program({"--list_meters"});
  EXPECT_EQ(ended.status, 0);
  std::set<std::string> names;
  for (const std::string& line : lines(ended.out)) {
    EXPECT_THAT(line, MatchesRegex("[a-z0-9_*]+\t(gauge|counter|histogram)\t[a-z0-9_.]+\t[^\t]+\\."));
    EXPECT_TRUE(names.insert(line.substr(0, line.find('\t'))).second) << line;
  }
  EXPECT_THAT(names, AllOf(Contains("libvirt_up"), Contains("libvirt_domain_block_stats_read_bytes_total"),
                           Contains("libvirt_domain_kvm_*_total")));
}

TEST(Main, every_family_of_a_scrape_is_listed_with_its_type) {
  std::map<std::string, std::string> listed;
  for (const std::string& line : lines(run_program({"--list_meters"}).out)) {
    const auto name_end = line.find('\t'), type_end = line.find('\t', name_end + 1);
    listed[line.substr(0, name_end)] = line.substr(name_end + 1, type_end - name_end - 1);
  }
  int families = 0;
  for (const std::string& line : lines(run_program({"--once", kUri}).out)) {
    if (!line.starts_with("# TYPE ")) continue;
    const auto name_end = line.find(' ', 7);
    EXPECT_EQ(listed[line.substr(7, name_end - 7)], line.substr(name_end + 1)) << line;
    ++families;
  }
  EXPECT_GT(families, 50);
}

TEST(Main, version_says_what_it_is_made_of) {
  const Ended ended = run_program({"--version"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, MatchesRegex("virt_exporter version [0-9.]+ \\([^,]+, [^,]+, libvirt [0-9.]+\\)\n"));
}

TEST(Main, help_has_our_flags_and_no_others) {
  const Ended ended = run_program({"--help"});
  EXPECT_EQ(ended.status, 0);
  for (const char* flag : {"libvirt_uri", "listen_address", "telemetry_path", "pollsters", "plugins", "domain_labels",
                           "scrape_timeout", "scrape_timeout_offset", "xml_refresh", "host_name", "backing_chain",
                           "web_config_file", "once", "list_pollsters", "list_meters", "log_level"})
    EXPECT_THAT(ended.out, HasSubstr("    -" + std::string{flag} + " ("));
  EXPECT_THAT(ended.out, Not(HasSubstr("tab_completion")));
}

TEST(Main, signals_end_it_within_a_second_with_success) {
  for (const int number : {SIGTERM, SIGINT}) {
    Program program{{kUri, kAnyPort}};
    EXPECT_EQ(get(program.wait_for_port(), "/metrics").status, 200);
    const auto start = std::chrono::steady_clock::now();
    program.signal(number);
    EXPECT_EQ(program.wait().status, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  }
}

class Ending : public testing::Test {
 protected:
  static Socket ask(int port) {
    Socket client{port};
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    return client;
  }

  static void expect_to_end_in_time(Program& program) {
    const auto start = std::chrono::steady_clock::now();
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait().status, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  }
};

TEST_F(Ending, takes_two_seconds_at_most_with_a_client_that_does_not_read) {
  const TemporaryDirectory directory;
  Program program{{"--libvirt_uri=test://" + directory.write("host.xml", large_host()), kAnyPort}};
  Socket client{program.wait_for_port()};
  const int size = 1;
  setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  client.send("GET /metrics HTTP/1.0\r\n\r\n");
  char first = 0;
  recv(client.descriptor(), &first, 1, MSG_PEEK);
  expect_to_end_in_time(program);
}

// As many as the server has threads for them, so that the watchdog's own request waits as well.
TEST_F(Ending, takes_two_seconds_at_most_with_clients_that_never_ask) {
  setenv("WATCHDOG_USEC", "60000000", 1);
  Program program{{kUri, kAnyPort}};
  unsetenv("WATCHDOG_USEC");
  const int port = program.wait_for_port();
  std::vector<Socket> silent;
  for (int i = 0; i < 100; ++i) silent.emplace_back(port);
  expect_to_end_in_time(program);
}

// A daemon that takes connections and says nothing.
TEST_F(Ending, takes_two_seconds_at_most_with_a_scrape_that_hangs_in_libvirt) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("libvirt-sock-ro");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int daemon = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(daemon, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  listen(daemon, 5);
  Program program{{"--libvirt_uri=qemu+unix:///system?socket=" + path, kAnyPort}};
  Socket hanging = ask(program.wait_for_port());
  const int connection = accept(daemon, nullptr, nullptr);
  expect_to_end_in_time(program);
  EXPECT_THAT(hanging.receive(), HasSubstr("\nlibvirt_up 0\n"));
  close(connection);
  close(daemon);
}

TEST(Main, without_a_daemon_it_serves_and_says_so_once) {
  Program program{{kNoDaemon, kAnyPort, "--telemetry_path=/probe", "--log_level=info"}};
  const int port = program.wait_for_port();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(get(port, "/probe").body, HasSubstr("\nlibvirt_up 0\n"));
  EXPECT_EQ(get(port, "/metrics").status, 404);
  program.signal(SIGTERM);
  EXPECT_THAT(lines(program.wait().err), SizeIs(3));  // where it listens, the daemon, the signal
}

}  // namespace
}  // namespace virt
