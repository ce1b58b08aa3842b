// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string samples(std::string_view domstats) { return samples_only(expose("compute.domain", snapshot_of(domstats))); }

std::string state(const std::string& state, const std::string& reason) {
  return samples("Domain: 'a'\nstate.state=" + state + "\nstate.reason=" + reason + "\n");
}

TEST(DomainPollster, tells_what_the_domain_is) {
  const auto snapshot =
      snapshot_of("Domain: 'vm'", {{"vm", "<domain><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>"}});
  EXPECT_EQ(expose("compute.domain", snapshot),
            R"(# HELP libvirt_domains Number of domains known to libvirt (virConnectGetAllDomainStats).
# TYPE libvirt_domains gauge
libvirt_domains 1
# HELP libvirt_domain_info Constant 1; labels describe the domain's UUID, OS type, architecture and machine type (domain XML).
# TYPE libvirt_domain_info gauge
libvirt_domain_info{domain="vm",uuid="00000000-0000-0000-0000-000000000002",os_type="hvm",os_type_arch="x86_64",os_type_machine="q35"} 1
)");
}

TEST(DomainPollster, title_description_and_operating_system_are_labels_to_join) {
  const std::string metadata =
      "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'>"
      "<l:os id='http://debian.org/debian/12'/></l:libosinfo></metadata>";
  const auto metadata_of = [](const std::string& inside) {
    const std::string text =
        expose("compute.domain", snapshot_of("Domain: 'vm'", {{"vm", "<domain>" + inside + "</domain>"}}));
    const auto at = text.find("libvirt_domain_metadata_info{");
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(metadata_of("<title>Shop front, Berlin</title><description>owner: blue</description>" + metadata),
            "libvirt_domain_metadata_info{domain=\"vm\",title=\"Shop front, Berlin\",description=\"owner: blue\","
            "os=\"http://debian.org/debian/12\"} 1");
  EXPECT_EQ(metadata_of("<title>web</title>"),
            "libvirt_domain_metadata_info{domain=\"vm\",title=\"web\",description=\"\",os=\"\"} 1");
  EXPECT_THAT(metadata_of("<description>d</description>"), HasSubstr("description=\"d\""));
  EXPECT_THAT(metadata_of(metadata), HasSubstr("os=\"http://debian.org/debian/12\""));
  EXPECT_EQ(metadata_of("<name>vm</name>"), "");
}

TEST(DomainPollster, words_for_states_and_reasons) {
  EXPECT_THAT(state("1", "1"), HasSubstr(R"(libvirt_domain_state{domain="a",state="running",reason="booted"} 1)"));
  EXPECT_THAT(state("3", "1"), HasSubstr(R"(state="paused",reason="user")"));
  EXPECT_THAT(state("3", "5"), HasSubstr(R"(state="paused",reason="ioerror")"));
  EXPECT_THAT(state("5", "2"), HasSubstr(R"(state="shutoff",reason="destroyed")"));
  EXPECT_THAT(state("5", "3"), HasSubstr(R"(state="shutoff",reason="crashed")"));
  EXPECT_THAT(state("5", "6"), HasSubstr(R"(state="shutoff",reason="failed")"));
  EXPECT_THAT(state("6", "1"), HasSubstr(R"(state="crashed",reason="panicked")"));
  EXPECT_THAT(state("7", "0"), HasSubstr(R"(state="pmsuspended",reason="unknown")"));
}

TEST(DomainPollster, a_state_or_reason_of_a_newer_libvirt_is_its_number) {
  EXPECT_THAT(state("1", "99"), HasSubstr(R"(state="running",reason="99")"));
  EXPECT_THAT(state("42", "0"), HasSubstr(R"(state="42",reason="unknown")"));
  EXPECT_THAT(state("-1", "-2"), HasSubstr(R"(state="-1",reason="-2")"));
}

TEST(DomainPollster, only_the_present_state_has_a_series) {
  const std::string text = state("1", "1");
  EXPECT_THAT(text, HasSubstr("libvirt_domain_state_code{domain=\"a\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("paused")));
}

TEST(DomainPollster, lists_are_gauges) {
  const std::string text = samples(R"(Domain: 'a'
    list.autostart=0
    autostart.once=1
    list.persistent=1
    list.managed_save=1
    list.snapshots=3)");
  EXPECT_THAT(text, HasSubstr(R"(libvirt_domain_autostart{domain="a"} 0
libvirt_domain_autostart_once{domain="a"} 1
libvirt_domain_persistent{domain="a"} 1
libvirt_domain_has_managed_save{domain="a"} 1
libvirt_domain_snapshots{domain="a"} 3
)"));
}

TEST(DomainPollster, domain_that_does_not_answer_says_what_holds_it_and_since_when) {
  const std::string text = samples("Domain: 'a'\nmonitor.responding=0\ncontrol.state=2\ncontrol.busy=1500");
  EXPECT_THAT(text, HasSubstr(R"(libvirt_domain_responding{domain="a"} 0
libvirt_domain_control_state_code{domain="a"} 2
libvirt_domain_control_busy_seconds{domain="a"} 1.5
)"));
}

TEST(DomainPollster, absent_keys_give_no_samples) {
  EXPECT_EQ(
      samples("Domain: 'a'"),
      "libvirt_domains 1\n"
      "libvirt_domain_info{domain=\"a\",uuid=\"00000000-0000-0000-0000-000000000001\",os_type=\"\",os_type_arch=\"\","
      "os_type_machine=\"\"} 1\n");
}

TEST(DomainPollster, a_host_without_domains_has_none) { EXPECT_EQ(samples(""), "libvirt_domains 0\n"); }

TEST(DomainPollster, without_libvirt_the_number_of_domains_is_not_known) {
  EXPECT_EQ(expose("compute.domain", Snapshot{}), "");
}

}  // namespace
}  // namespace virt
