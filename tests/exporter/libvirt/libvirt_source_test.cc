// SPDX-License-Identifier: Apache-2.0
// The source on libvirt's test driver, which has no bulk statistics; QEMU's side is tested in the lab.
#include "exporter/libvirt/libvirt_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "exporter/libvirt/event_loop.h"
#include "exporter/libvirt/snapshot.h"
#include "tests/support/counted.h"
#include "tests/support/held_domains.h"
#include "tests/support/no_threads.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Optional;
using testing::SizeIs;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

constexpr Groups kAll = ~Groups{0};

// Somebody waits as long as it takes.
struct Patient : Waiters {
  Patient() : Waiters([] { return std::make_shared<Snapshot>(); }) {
    enter(std::chrono::steady_clock::now() + std::chrono::minutes{1});
    begin();
  }
};
Snapshot read_from(Source& source, Groups groups = kAll) {
  Patient waiters;
  return *std::static_pointer_cast<Snapshot>(source.read(groups, waiters));
}

std::unique_ptr<Source> source_of(const std::string& uri, const Instruments& instruments = {}) {
  LibvirtOptions options{uri};
  options.instruments = instruments;
  return libvirt_source(options).open();
}

class LibvirtSource : public testing::Test {
 protected:
  Snapshot read(Groups groups = kAll) { return read_from(*source, groups); }

  // The domain called `name`, as the exporter sees it now.
  Domain domain(const std::string& name, Groups groups = kAll) {
    for (const Domain& candidate : read(groups).domains)
      if (candidate.name == name) return candidate;
    throw std::runtime_error("there is no domain " + name);
  }

  const SharedHost host;
  const std::unique_ptr<Source> source = source_of("test:///default");
};

TEST_F(LibvirtSource, snapshot_says_whose_it_is) {
  const Snapshot snapshot = read();
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  EXPECT_TRUE(snapshot.up);
  EXPECT_EQ(snapshot.source, name);
}

TEST_F(LibvirtSource, domain_has_statistics_and_facts) {
  const Domain test = domain("test");
  EXPECT_TRUE(test.active);
  EXPECT_EQ(test.uuid, "6695eb01-f6a4-8304-79aa-97f2502e193f");
  EXPECT_THAT(test.number("state.state"), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_GT(test.number("cpu.time"), 0);
  EXPECT_EQ(test.facts->os_type, "hvm");
  EXPECT_THAT(test.facts->disks, SizeIs(1));
}

TEST_F(LibvirtSource, domains_come_and_go_between_reads) {
  const auto name = [](const char* text) { return Field(&Domain::name, text); };
  EXPECT_THAT(read().domains, ElementsAre(name("test")));
  host.define(domain_xml("b"));
  EXPECT_THAT(read().domains, UnorderedElementsAre(name("test"), name("b")));
  virDomainDestroy(host.domain("test").get());
  virDomainUndefine(host.domain("test").get());
  EXPECT_THAT(read().domains, ElementsAre(name("b")));
  virDomainUndefine(host.domain("b").get());
  const Snapshot empty = read();
  EXPECT_TRUE(empty.up);
  EXPECT_THAT(empty.domains, IsEmpty());
}

TEST_F(LibvirtSource, state_and_cpu_time_follow_the_domain) {
  host.define(domain_xml("b"));
  EXPECT_FALSE(domain("b").active);
  EXPECT_THAT(domain("b").number("cpu.time"), Eq(std::nullopt));
  virDomainCreate(host.domain("b").get());
  EXPECT_THAT(domain("b").number("state.state"), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_GT(domain("b").number("cpu.time"), 0);
  virDomainSuspend(host.domain("b").get());
  EXPECT_THAT(domain("b").number("state.state"), Optional(VIR_DOMAIN_PAUSED));
  EXPECT_TRUE(domain("b").active);
}

TEST_F(LibvirtSource, lists_say_yes_or_no_for_every_domain) {
  const DomainHandle b = host.define(domain_xml("b"));
  for (const char* key : {"list.autostart", "list.managed_save", "list.snapshots"})
    EXPECT_THAT(domain("b").number(key), Optional(0)) << key;
  EXPECT_THAT(domain("b").number("list.persistent"), Optional(1));
  ASSERT_EQ(virDomainSetAutostart(b.get(), 1), 0);
  ASSERT_EQ(virDomainCreate(b.get()), 0);
  for (const char* xml :
       {"<domainsnapshot><name>1</name></domainsnapshot>", "<domainsnapshot><name>2</name></domainsnapshot>"})
    virDomainSnapshotFree(virDomainSnapshotCreateXML(b.get(), xml, 0));
  ASSERT_EQ(virDomainManagedSave(b.get(), 0), 0);
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::seconds{30};  // libvirt's events come on another thread
  while (domain("b").number("list.managed_save") == 0.0 && std::chrono::steady_clock::now() < end) continue;
  EXPECT_THAT(domain("b").number("list.autostart"), Optional(1));
  EXPECT_THAT(domain("b").number("list.snapshots"), Optional(2));
  EXPECT_THAT(domain("b").number("list.managed_save"), Optional(1));
  EXPECT_THAT(domain("test").number("list.autostart"), Optional(0));
}

TEST_F(LibvirtSource, what_is_not_asked_is_not_read) {
  const Domain test = domain("test", Group::kState);
  EXPECT_THAT(test.stats.all().match("*"), SizeIs(2));  // state and reason
  EXPECT_THAT(test.facts->os_type, IsEmpty());
  EXPECT_FALSE(domain("test", Group::kXml).number("list.autostart"));
}

TEST_F(LibvirtSource, read_needs_few_threads_and_keeps_its_connection_where_none_is_to_be_had) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without other processes";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto tried = [] {
    const Instruments instruments;
    const auto source = source_of("test:///default", instruments);
    read_from(*source, Group::kState);
    const auto other = source_of("test:///default", instruments);
    {
      const NoThreads none;
      const Snapshot snapshot = read_from(*source);  // by the one thread that is there
      EXPECT_THAT(snapshot.domains, SizeIs(1));
      EXPECT_THROW(read_from(*other), std::system_error);
    }
    read_from(*source);
    read_from(*other);
    EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"connect\"} 2\n"))
        << "one each";
    EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_reconnects_total 0\n"));
    std::_Exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(tried(), testing::ExitedWithCode(0), "");
}

TEST_F(LibvirtSource, devices_are_read_even_if_no_pollster_asks_for_the_xml) {
  EXPECT_TRUE(domain("test", Group::kBlock).number("block.0.rd.bytes"));
  EXPECT_TRUE(domain("test", Group::kInterface).number("net.0.rx.bytes"));
}

// Also if the event came while nobody asked for XML.
TEST(LibvirtSourceOptions, event_has_the_xml_of_its_domain_read_again) {
  start_event_loop();  // before the host is opened
  const SharedHost host;
  const auto source = source_of("test:///default");
  const auto title = [&] {
    for (const Domain& domain : read_from(*source, Group::kXml).domains)
      if (domain.name == "a") return domain.facts->nova->name;
    return std::string{"none"};
  };
  const auto counted = [&] {
    std::uint64_t count = 0;
    for (const EventCount& event : read_from(*source, Group::kState).events) count += event.count;
    return count;
  };
  const auto define = [&](const std::string& name) {
    host.define(domain_xml("a", nova_metadata("<nova:name>" + name + "</nova:name>")));
  };
  define("old");
  EXPECT_EQ(title(), "old");
  const auto before = counted();
  define("new");  // the event comes on another thread
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (counted() == before && std::chrono::steady_clock::now() < end) continue;
  EXPECT_EQ(title(), "new");
}

TEST(LibvirtSourceOptions, guest_that_another_call_holds_costs_neither_the_host_nor_the_other_guests) {
  const SharedHost host;
  for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name, nova_metadata("<nova:name>old</nova:name>")));
  HeldDomains held{{"b"}};
  const Instruments instruments;
  const auto source = source_of("test:///default", instruments);
  for (int i = 0; i < 2; ++i) {
    const Snapshot snapshot = read_from(*source);
    EXPECT_THAT(snapshot.domains, SizeIs(4));
    for (const Domain& domain : snapshot.domains) {
      EXPECT_TRUE(domain.number("state.state")) << domain.name;
      EXPECT_EQ(domain.facts->nova.has_value(), domain.name == "a" || domain.name == "c") << domain.name;
    }
  }
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_timeouts_total{kind=\"xml\"} 1\n"));
  held.release();
}

TEST(LibvirtSourceOptions, counts_are_there_if_the_source_is_open) {
  const Instruments instruments;
  LibvirtOptions options{"test:///default"};
  options.instruments = instruments;
  const SourceKind kind = libvirt_source(options);
  EXPECT_EQ(counted(instruments), "");
  const auto source = kind.open();
  read_from(*source);
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"list\"} 2\n"))
      << "without bulk statistics, one for the list and one for the domains in it";
}

TEST(LibvirtSourceOptions, xml_is_read_again_within_the_refresh_time) {
  const SharedHost host;
  const auto define_ten = [&](const std::string& title) {
    for (int i = 0; i < 10; ++i)
      host.define(domain_xml(std::to_string(i), nova_metadata("<nova:name>" + title + "</nova:name>")));
  };
  const auto source = libvirt_source({"test:///default", std::chrono::nanoseconds{1}}).open();
  for (const std::string title : {"old", "new"}) {
    define_ten(title);
    for (const Domain& domain : read_from(*source, Group::kXml).domains) {
      if (domain.name == "test") continue;
      EXPECT_EQ(domain.facts->nova->name, title);
    }
  }
}

TEST(LibvirtSourceOptions, uri_that_can_never_work_is_refused_at_the_start) {
  EXPECT_THROW(source_of("nodriver:///system"), std::invalid_argument);
}

TEST(LibvirtSourceOptions, hypervisor_that_comes_late_is_read_then) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("host.xml", host_xml(domain_xml("a")));
  const Instruments instruments;
  const auto source = source_of("test://" + file, instruments);
  std::filesystem::rename(file, file + ".away");
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT([&] { read_from(*source); },
                ThrowsMessage<std::runtime_error>(HasSubstr("cannot connect to test://" + file)));
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_errors_total{kind=\"connect\"} 2\n"));
  std::filesystem::rename(file + ".away", file);
  EXPECT_THAT(read_from(*source).domains, ElementsAre(Field(&Domain::name, "a")));
}

TEST_F(LibvirtSource, many_reads_leave_nothing_open) {
  const auto open = [] {
    const std::filesystem::directory_iterator fds{"/proc/self/fd"};
    return std::distance(begin(fds), end(fds));
  };
  read();
  const auto before = open();
  for (int i = 0; i < 300; ++i) read();
  EXPECT_EQ(open(), before);
}

TEST(LibvirtLibrary, version_has_three_numbers) {
  EXPECT_THAT(libvirt_library_version(), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace virt
