// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>

#include <stdexcept>

#include "tests/support/ipv6.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

// A file of hosts.
std::vector<std::string> look_up(const std::string& name) {
  if (name == "host-1.example.org") return {"2001:db8::1", "192.0.2.1"};
  if (name == "host_2") return {"192.0.2.2", "192.0.2.2", "198.51.100.2"};
  if (name == "only-ipv6") return {"::1"};
  if (name == "local") return {"fe80::1%lo", "127.0.0.1"};
  throw std::runtime_error("unknown: " + name);
}

std::string parsed(const std::string& text, Ipv6 ipv6 = Ipv6::kAvailable) {
  return to_text(parse_listen_addresses(text, ipv6, look_up));
}

void expect_refused(const std::string& text, const std::string& entry, const std::string& problem,
                    Ipv6 ipv6 = Ipv6::kAvailable) {
  SCOPED_TRACE(text);
  EXPECT_THAT([&] { parsed(text, ipv6); },
              ThrowsMessage<std::invalid_argument>("--listen_address: '" + entry + "' " + problem));
}

TEST(ListenAddress, ipv4_address_and_port_are_read) {
  EXPECT_EQ(parsed("127.0.0.1:9177"), "127.0.0.1:9177");
  EXPECT_EQ(parsed("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(parsed("192.0.2.1:65535"), "192.0.2.1:65535");
}

TEST(ListenAddress, ipv6_address_stands_in_brackets_and_becomes_its_shortest_form) {
  EXPECT_EQ(parsed("[::1]:0"), "[::1]:0");
  EXPECT_EQ(parsed("[::]:9177"), "[::]:9177");
  EXPECT_EQ(parsed("[0:0::0]:9177"), "[::]:9177");
  EXPECT_EQ(parsed("[2001:DB8:0:0:0:0:0:00a1]:9177"), "[2001:db8::a1]:9177");
}

TEST(ListenAddress, no_host_stays_every_address_beside_others) {
  const auto addresses = parse_listen_addresses(":9177,127.0.0.1:9177,[::]:9178", Ipv6::kAvailable, look_up);
  ASSERT_EQ(addresses.size(), 3u);
  EXPECT_TRUE(addresses[0].has_no_host);
  EXPECT_FALSE(addresses[2].has_no_host);
}

TEST(ListenAddress, url_and_brackets_around_ipv4_are_refused_with_the_way_to_write_it) {
  expect_refused("http://localhost:9177", "http://localhost:9177",
                 "is a URL; leave out what is before HOST:PORT and after it");
  expect_refused("[192.0.2.1]:9177", "[192.0.2.1]:9177", "has an IPv4 address in brackets; leave the brackets out");
}

TEST(ListenAddress, refusal_is_one_line_whatever_is_refused) {
  expect_refused("127.0.0.1:1\n", "127.0.0.1:1?", "is not a HOST:PORT; try 0.0.0.0:9177");
}

TEST(ListenAddress, no_host_means_every_address_that_can_be_served) {
  EXPECT_EQ(parsed(":9177"), "[::]:9177");
  EXPECT_EQ(parsed(":9177", Ipv6::kNotInCivetWeb), "0.0.0.0:9177");
  EXPECT_EQ(parsed(":9177", Ipv6::kNotInKernel), "0.0.0.0:9177");
}

TEST(ListenAddress, name_means_all_its_addresses_in_their_order) {
  EXPECT_EQ(parsed("host-1.example.org:9177"), "[2001:db8::1]:9177, 192.0.2.1:9177");
  EXPECT_EQ(parsed("host_2:0"), "192.0.2.2:0, 198.51.100.2:0");
  EXPECT_EQ(parsed("local:9177"), "[fe80::1%lo]:9177, 127.0.0.1:9177");
}

TEST(ListenAddress, name_means_its_ipv4_addresses_where_there_is_no_ipv6) {
  for (const Ipv6 lacking : {Ipv6::kNotInCivetWeb, Ipv6::kNotInKernel})
    EXPECT_EQ(parsed("host-1.example.org:9177", lacking), "192.0.2.1:9177");
}

TEST(ListenAddress, name_that_is_unknown_is_refused_with_the_reason) {
  EXPECT_THAT([] { parsed("nobody:9177"); }, ThrowsMessage<std::runtime_error>("unknown: nobody"));
  EXPECT_THAT([] { parse_listen_addresses("no-such-host.invalid:9177", Ipv6::kAvailable); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("--listen_address: the host name 'no-such-host.invalid' cannot be resolved: ")));
}

TEST(ListenAddress, resolver_of_the_system_knows_this_machine) {
  EXPECT_THAT(resolve("localhost"), Contains("127.0.0.1"));
  EXPECT_THAT(resolve("localhost"), Each(Not(HasSubstr("["))));
}

TEST(ListenAddress, list_keeps_its_order) {
  EXPECT_EQ(parsed("127.0.0.1:9177,[::1]:9177, host-1.example.org:80"),
            "127.0.0.1:9177, [::1]:9177, [2001:db8::1]:80, 192.0.2.1:80");
}

TEST(ListenAddress, address_that_is_there_twice_is_listened_on_once) {
  EXPECT_EQ(parsed("host_2:80,192.0.2.2:80,[::1]:80,[0::1]:80,[::1]:81"),
            "192.0.2.2:80, 198.51.100.2:80, [::1]:80, [::1]:81");
  EXPECT_EQ(parsed("127.0.0.1:0,127.0.0.1:0"), "127.0.0.1:0, 127.0.0.1:0") << "two free ports";
}

TEST(ListenAddress, link_local_address_has_a_zone_by_name_or_number) {
  const std::string index = std::to_string(if_nametoindex("lo"));
  for (const std::string& zone : {std::string{"lo"}, index}) {
    const auto addresses = parse_listen_addresses("[fe80::1%" + zone + "]:9177", Ipv6::kAvailable);
    EXPECT_EQ(to_text(addresses), "[fe80::1%lo]:9177");
    EXPECT_EQ(addresses.at(0).numeric_host(), "fe80::1%" + index);
  }
}

TEST(ListenAddress, zone_of_an_interface_that_is_gone_is_shown_as_a_number) {
  EXPECT_EQ((ListenAddress{"fe80::1", 9177, 4'000'000'000}.text()), "[fe80::1%4000000000]:9177");
}

TEST(ListenAddress, zone_that_leads_nowhere_is_refused) {
  expect_refused("[fe80::1]:9177", "[fe80::1]:9177",
                 "is a link-local address, which needs its interface, as in [fe80::1%eth0]:9177");
  expect_refused("[fe80::1%]:9177", "[fe80::1%]:9177",
                 "is a link-local address, which needs its interface, as in [fe80::1%eth0]:9177");
  expect_refused("[fe80::1%nowhere0]:9177", "[fe80::1%nowhere0]:9177",
                 "names the interface 'nowhere0', which this machine does not have");
  expect_refused("[::1%lo]:9177", "[::1%lo]:9177", "has a zone, but is not a link-local address; leave it out");
}

TEST(ListenAddress, ipv6_that_cannot_be_served_is_refused_with_what_is_missing) {
  for (const std::string text : {"[::1]:9177", "[::]:9177", "[fe80::1%lo]:0", "only-ipv6:9177"}) {
    expect_refused("127.0.0.1:0," + text, text,
                   "needs IPv6, but this program's CivetWeb was built without it, as on Debian 12; use an IPv4 address "
                   "such as 0.0.0.0:9177, or a build with a CivetWeb that has IPv6, such as that of Debian 13",
                   Ipv6::kNotInCivetWeb);
    expect_refused(text, text,
                   "needs IPv6, but this machine has it switched off; use an IPv4 address such as 0.0.0.0:9177, or "
                   "switch it on (sysctl net.ipv6.conf.all.disable_ipv6)",
                   Ipv6::kNotInKernel);
  }
}

TEST(ListenAddress, text_without_a_port_is_refused) {
  for (const std::string text :
       {"", ",", "9177", "localhost", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:65536",
        "127.0.0.1:99999999999", "127.0.0.1:80s", "127.0.0.1:+80", ": 80", "[::1]", "[::1]:", "[::1]9177"})
    expect_refused(text, text, "is not a HOST:PORT; try 0.0.0.0:9177");
  expect_refused("127.0.0.1:80,8080", "8080", "is not a HOST:PORT; try 0.0.0.0:9177");
}

TEST(ListenAddress, ipv6_address_without_brackets_is_refused_with_an_example) {
  for (const std::string text :
       {"::1:9177", ":::9177", "2001:db8::1:9177", "fe80::1%lo:9177", "[::1:9177", "::1]:9177"})
    expect_refused(text, text, "is not a HOST:PORT; write IPv6 as in [::1]:9177");
}

TEST(ListenAddress, host_that_is_neither_name_nor_address_is_refused) {
  for (const std::string text : {"127.1:9177", "256.0.0.1:9177", "1:9177", "*:9177", "a b:9177", "http//a:9177"})
    expect_refused(text, text, "does not start with a host name or an IP address; try 0.0.0.0:9177");
  for (const std::string text : {"[]:9177", "[localhost]:9177", "[::g]:9177", "[1::2::3]:9177"})
    for (const Ipv6 ipv6 : {Ipv6::kAvailable, Ipv6::kNotInCivetWeb})
      expect_refused(text, text, "does not start with an IPv6 address; try [::1]:9177", ipv6);
}

TEST(ListenAddress, ipv4_address_in_the_form_of_ipv6_is_refused) {
  expect_refused("[::ffff:127.0.0.1]:9177", "[::ffff:127.0.0.1]:9177",
                 "is an IPv4 address in the form of IPv6; try 127.0.0.1:9177");
}

TEST(ListenAddress, kernel_has_ipv6_if_the_loopback_interface_does) {
  EXPECT_EQ(kernel_has_ipv6(), machine_has_ipv6());
}

}  // namespace
}  // namespace virt
