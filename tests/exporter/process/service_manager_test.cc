// SPDX-License-Identifier: Apache-2.0
// systemd's side of its protocol is a socket of the test's.
#include "exporter/process/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>

#include "exporter/http/http_check.h"
#include "exporter/http/http_server.h"
#include "exporter/reader.h"
#include "tests/support/captured_log.h"
#include "tests/support/hypervisor.h"
#include "tests/support/notify_socket.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ServiceManagerTest : public testing::Test {
 protected:
  static constexpr auto kPeriod = 150ms;

  void expect_petted() const {
    socket.forget();
    EXPECT_EQ(socket.receive(), "WATCHDOG=1");
  }
  // A sign of life that was given before, but arrives now, is not held against it.
  void expect_no_longer_petted() const {
    while (!socket.receive(kPeriod).empty()) ASSERT_LT(++late, 3);
    EXPECT_EQ(socket.receive(2 * kPeriod), "");
  }

  const CapturedLog log;
  const TemporaryDirectory directory;
  const NotifySocket socket{directory.path("notify")};
  const ServiceManager manager{directory.path("notify"), kPeriod};
  mutable int late = 0;
};

TEST_F(ServiceManagerTest, messages_arrive_at_a_path_and_at_an_abstract_name) {
  manager.say("READY=1");
  EXPECT_EQ(socket.receive(), "READY=1");
  const std::string name = "@" + directory.path("abstract");
  const NotifySocket abstract{name};
  ServiceManager{name}.say("STOPPING=1");
  EXPECT_EQ(abstract.receive(), "STOPPING=1");
}

TEST_F(ServiceManagerTest, where_nobody_listens_nothing_happens) {
  for (const std::string& name : {std::string{}, directory.path("nobody"), std::string(200, 'x')})
    ServiceManager{name}.say("READY=1");
  EXPECT_EQ(log.text(), "");
}

TEST_F(ServiceManagerTest, environment_says_whether_it_watches) {
  const auto watchdog = [](const char* period, const std::string& pid) {
    setenv("WATCHDOG_USEC", period, 1);
    setenv("WATCHDOG_PID", pid.c_str(), 1);
    return ServiceManager::of_environment().watchdog();
  };
  EXPECT_EQ(watchdog("1500000", std::to_string(getpid())), 1500ms);
  EXPECT_EQ(watchdog("1500000", ""), 1500ms);
  EXPECT_EQ(watchdog("1500000", std::to_string(getppid())), std::nullopt);
  for (const char* none : {"", "0", "-1", "soon", "1s"}) EXPECT_EQ(watchdog(none, ""), std::nullopt) << none;
  unsetenv("WATCHDOG_PID");
  unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::nullopt);
}

TEST_F(ServiceManagerTest, manager_that_does_not_watch_gets_no_sign_of_life) {
  std::atomic<int> checks = 0;
  const ServiceManager unwatching{directory.path("notify")};
  {
    const Watchdog watchdog{unwatching, {{"it", [&](auto) { return ++checks > 0; }}}};
  }
  EXPECT_EQ(socket.receive(1us), "");
  EXPECT_EQ(checks, 0);
}

TEST_F(ServiceManagerTest, sign_of_life_comes_more_than_twice_in_a_period) {
  const Watchdog watchdog{manager, {}};
  expect_petted();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(socket.receive(), "WATCHDOG=1");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20 * kPeriod);  // two periods, on a machine that is not busy
}

TEST_F(ServiceManagerTest, one_check_that_does_not_pass_is_enough) {
  std::atomic<bool> well = true;
  {
    const Watchdog watchdog{manager,
                            {{"this", [](auto) { return true; }}, {"that", [&](auto) { return well.load(); }}}};
    expect_petted();
    well = false;
    expect_no_longer_petted();
    well = true;
    expect_petted();
  }
  EXPECT_EQ(log.text(),
            "warning watchdog: that failed its self-check; systemd restarts the service unless it passes soon\n"
            "info watchdog: all self-checks pass again\n");
}

TEST_F(ServiceManagerTest, stopped_watchdog_is_silent_whatever_its_checks_find) {
  std::atomic<bool> well = true;
  {
    Watchdog watchdog{manager, {{"it", [&](auto) { return well.load(); }}}};
    expect_petted();
    watchdog.stop();
    well = false;
    expect_no_longer_petted();
  }
  EXPECT_EQ(log.text(), "");
}

TEST_F(ServiceManagerTest, http_server_whose_threads_are_all_blocked_is_not_well) {
  std::promise<void> unblocked;
  const auto until_unblocked = unblocked.get_future().share();
  HttpServer server{"127.0.0.1:0", {{"/-/healthy", [=](const HttpRequest&, HttpResponse& response) {
                                       if (until_unblocked.wait_for(0s) != std::future_status::ready)
                                         return until_unblocked.wait();
                                       response.say(200, "alive");
                                     }}}};
  const ListenAddress address = server.addresses().front();
  const Watchdog watchdog{manager,
                          {{"the HTTP server", [&](auto deadline) { return http_answers(address, deadline); }}}};
  expect_no_longer_petted();
  unblocked.set_value();
  expect_petted();
}

TEST_F(ServiceManagerTest, reader_that_is_blocked_is_not_well) {
  Hypervisor hypervisor;
  Reader reader{"libvirt", std::make_unique<HypervisorSource>(hypervisor)};
  const Watchdog watchdog{manager,
                          {{"the reader", [&](auto deadline) { return reader.passes_check(deadline, kPeriod); }}}};
  expect_petted();
  Reader::wait(reader.begin(Group::kState, std::chrono::steady_clock::now()));
  hypervisor.wait_for_begun(1);
  EXPECT_EQ(hypervisor.ended(), 0);
  // While a read is not overdue the reader is well: up to a period, three signs of life and one under way.
  for (int i = 0; i < 4 && !socket.receive(kPeriod).empty(); ++i) continue;
  expect_no_longer_petted();
  hypervisor.let_end(1);
  expect_petted();
}

}  // namespace
}  // namespace virt
