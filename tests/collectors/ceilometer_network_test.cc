// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/instance.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPlain[] = "<interface type='bridge'><mac address='fa:16'/><target dev='tap0'/></interface>";
constexpr char kFiltered[] =
    "<interface type='bridge'><mac address='fa:16'/><target dev='tap0'/><filterref filter='nova-a-fa16'/></interface>";

std::string exposed(const std::string& domstats, const std::string& devices,
                    const std::string& nova = nova_instance()) {
  const std::string xml = instance_xml(nova, devices);
  return samples_only(
      expose("ceilometer.network", snapshot_of("Domain: 'a'\nstate.state=1\n" + domstats, {{"a", xml}})));
}

TEST(CeilometerNetwork, interface_has_every_meter) {
  EXPECT_EQ(std::regex_replace(exposed(R"(net.0.name=tap0
      net.0.rx.bytes=1
      net.0.rx.pkts=2
      net.0.rx.errs=3
      net.0.rx.drop=4
      net.0.tx.bytes=5
      net.0.tx.pkts=6
      net.0.tx.errs=7
      net.0.tx.drop=8)",
                                       kPlain),
                               std::regex{"\\{[^}]*\\}"}, ""),
            R"(ceilometer_network_incoming_bytes 1
ceilometer_network_outgoing_bytes 5
ceilometer_network_incoming_packets 2
ceilometer_network_outgoing_packets 6
ceilometer_network_incoming_packets_error 3
ceilometer_network_outgoing_packets_error 7
ceilometer_network_incoming_packets_drop 4
ceilometer_network_outgoing_packets_drop 8
)");
}

TEST(CeilometerNetwork, resource_is_domain_instance_and_tap) {
  const std::string text = exposed("net.0.name=tap0\nnet.0.rx.pkts=1", kPlain);
  EXPECT_THAT(text, HasSubstr("ceilometer_network_incoming_packets{network=\"packets\",publisher=\"ceilometer\","
                              "type=\"incoming\",counter=\"network.incoming.packets\",project=\"p1\""));
  EXPECT_THAT(text, HasSubstr(",unit=\"packet\",resource=\"a-00000000-0000-0000-0000-000000000001-tap0\",vm_instance"));
  EXPECT_THAT(text, HasSubstr(",resource_name=\"web:tap0\",server_group=\"none\""));
}

TEST(CeilometerNetwork, filter_is_the_resource_where_there_is_one) {
  EXPECT_THAT(exposed("net.0.name=tap0\nnet.0.rx.pkts=1", kFiltered), HasSubstr(",resource=\"nova-a-fa16\","));
}

TEST(CeilometerNetwork, interface_without_target_or_mac_is_left_out) {
  EXPECT_THAT(exposed("net.0.name=tap0\nnet.0.rx.pkts=1", "<interface><target dev='tap0'/></interface>"), IsEmpty());
  EXPECT_THAT(exposed("net.0.name=tap0\nnet.0.rx.pkts=1", "<interface><mac address='fa:16'/></interface>"), IsEmpty());
  EXPECT_THAT(exposed("net.0.rx.pkts=1", kPlain), IsEmpty());
}

TEST(CeilometerNetwork, domain_without_nova_gives_nothing) {
  EXPECT_THAT(exposed("net.0.name=tap0\nnet.0.rx.pkts=1", kPlain, ""), IsEmpty());
}

}  // namespace
}  // namespace virt
