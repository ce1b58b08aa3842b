// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/events.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <tuple>

#include "exporter/libvirt/event_loop.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::uint64_t count(const Events& events, const std::string& event, const std::string& detail) {
  for (const EventCount& known : events.counts())
    if (known.event == event && known.detail == detail) return known.count;
  throw std::runtime_error("no event " + event + " " + detail);
}

TEST(Events, kind_that_libvirt_knows_begins_at_0_and_others_are_absent) {
  Events events;
  EXPECT_THAT(events.counts(), IsEmpty());
  events.begin("agent", {"connected", "disconnected"});
  EXPECT_EQ(count(events, "agent", "connected"), 0);
  EXPECT_EQ(count(events, "agent", "disconnected"), 0);
}

TEST(Events, connection_that_is_made_again_goes_on_counting) {
  Events events;
  events.begin("reboot", {""});
  events.add("a", "reboot", "");
  events.begin("reboot", {""});
  EXPECT_EQ(count(events, "reboot", ""), 1);
}

TEST(Events, event_is_counted_and_outdates_the_xml_of_its_domain_once) {
  Events events;
  events.add("a", "lifecycle", "started");
  events.add("b", "lifecycle", "started");
  events.add("a", "device_added", "");
  EXPECT_EQ(count(events, "lifecycle", "started"), 2);
  EXPECT_EQ(count(events, "device_added", ""), 1);
  EXPECT_THAT(events.take_changed(), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(events.take_changed(), IsEmpty());
  EXPECT_EQ(count(events, "lifecycle", "started"), 2);
}

// libvirt's test driver tells read-only clients of what others do.
class ListenerTest : public testing::Test {
 protected:
  ListenerTest() { start_event_loop(); }

  void wait_for(const std::string& event, const std::string& detail, std::uint64_t times) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (count(*events, event, detail) < times) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no " + event + " " + detail);
      std::this_thread::sleep_for(1ms);
    }
  }

  const SharedHost host;
  const Connection reader = open_connection("test:///default");
  const std::shared_ptr<Events> events = std::make_shared<Events>();
};

TEST_F(ListenerTest, every_kind_begins_at_0) {
  const Listener listener{reader.get(), events};
  for (const EventCount& known : events->counts()) EXPECT_EQ(known.count, 0) << known.event << " " << known.detail;
  for (const auto& [event, detail] :
       std::vector<std::pair<std::string, std::string>>{{"lifecycle", "started"},
                                                        {"lifecycle", "stopped_crashed"},
                                                        {"lifecycle", "suspended_ioerror"},
                                                        {"lifecycle", "suspended_guest_shutdown"},
                                                        {"lifecycle", "crashed"},
                                                        {"reboot", ""},
                                                        {"watchdog", "pause"},
                                                        {"io_error", "enospc"},
                                                        {"block_job", "copy_failed"},
                                                        {"agent", "disconnected"},
                                                        {"memory_device_size_change", ""}})
    EXPECT_EQ(count(*events, event, detail), 0);
}

TEST_F(ListenerTest, kind_is_counted_where_the_library_knows_it) {
  const Listener listener{reader.get(), events};
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  const std::vector<std::tuple<unsigned long, std::string, std::string>> kinds = {
      {11002000, "nic_mac_change", ""},
      {12004000, "vcpu_removed", ""},
      {12004000, "channel_lifecycle", "connected"},
      {12004000, "channel_lifecycle", "disconnected"}};
  const auto counts = events->counts();
  for (const auto& [since, event, detail] : kinds) {
    const bool is_counted =
        std::any_of(counts.begin(), counts.end(), [&wanted = event, &more = detail](const EventCount& known) {
          return known.event == wanted && known.detail == more;
        });
    EXPECT_EQ(is_counted, version >= since) << event << " " << detail;
  }
}

TEST_F(ListenerTest, life_of_a_domain_is_told_with_its_reasons) {
  const Listener listener{reader.get(), events};
  const DomainHandle domain = host.define(domain_xml("a"));
  wait_for("lifecycle", "defined", 1);
  ASSERT_EQ(virDomainCreate(domain.get()), 0);
  wait_for("lifecycle", "started", 1);
  virDomainSuspend(domain.get());
  wait_for("lifecycle", "suspended_user", 1);
  virDomainResume(domain.get());
  wait_for("lifecycle", "resumed", 1);
  virDomainDestroy(domain.get());
  wait_for("lifecycle", "stopped_destroyed", 1);
  virDomainUndefine(domain.get());
  wait_for("lifecycle", "undefined", 1);
  EXPECT_THAT(events->take_changed(), Contains(uuid_for("a")));
}

TEST_F(ListenerTest, metadata_change_says_what_changed) {
  const Listener listener{reader.get(), events};
  const DomainHandle domain = host.define(domain_xml("a"));
  virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_TITLE, "title", nullptr, nullptr, VIR_DOMAIN_AFFECT_CONFIG);
  wait_for("metadata_change", "title", 1);
}

TEST_F(ListenerTest, nothing_is_told_after_the_end) {
  { const Listener listener{reader.get(), events}; }
  const auto later = std::make_shared<Events>();
  const Listener listener{reader.get(), later};
  host.define(domain_xml("a"));
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (count(*later, "lifecycle", "defined") == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(count(*later, "lifecycle", "defined"), 1);
  EXPECT_EQ(count(*events, "lifecycle", "defined"), 0);
}

TEST_F(ListenerTest, connection_can_be_closed_after_the_end) {
  Connection connection = open_connection("test:///default");
  { const Listener listener{connection.get(), events}; }
  EXPECT_EQ(virConnectClose(connection.release()), 0) << "nothing holds it any more";
}

}  // namespace
}  // namespace virt
