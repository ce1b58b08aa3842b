// SPDX-License-Identifier: Apache-2.0
// The numbers of QEMU's bulk call are checked against virsh in the lab; libvirt's test driver has its form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "exporter/libvirt/domain_statistics.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;
using testing::ThrowsMessage;

std::vector<Reading> read(virConnectPtr connection, Groups groups) {
  KnownUuids uuids;
  return read_bulk(connection, groups, uuids);
}

class Parameters {
 public:
  ~Parameters() { virTypedParamsFree(first_, count_); }

  Stats stats() const { return to_stats(first_, count_); }
  template <typename Value>
  Parameters& add(int (*adder)(virTypedParameterPtr*, int*, int*, const char*, Value), const char* key, Value value) {
    EXPECT_EQ(adder(&first_, &count_, &room_, key, value), 0);
    return *this;
  }

 private:
  virTypedParameterPtr first_ = nullptr;
  int count_ = 0, room_ = 0;
};

TEST(BulkStatistics, every_type_of_number_becomes_its_value) {
  const Stats stats = Parameters{}
                          .add(virTypedParamsAddInt, "int", -3)
                          .add(virTypedParamsAddUInt, "uint", 4'000'000'000u)
                          .add(virTypedParamsAddLLong, "llong", -5'000'000'000ll)
                          .add(virTypedParamsAddULLong, "ullong", 10'000'000'000'000'000'000ull)
                          .add(virTypedParamsAddDouble, "double", 0.25)
                          .stats();
  EXPECT_THAT(stats.number("int"), Optional(-3));
  EXPECT_THAT(stats.number("uint"), Optional(4e9));
  EXPECT_THAT(stats.number("llong"), Optional(-5e9));
  EXPECT_THAT(stats.number("ullong"), Optional(1e19));
  EXPECT_THAT(stats.number("double"), Optional(0.25));
}

TEST(BulkStatistics, booleans_are_0_and_1) {
  const Stats stats =
      Parameters{}.add(virTypedParamsAddBoolean, "yes", 1).add(virTypedParamsAddBoolean, "no", 0).stats();
  EXPECT_THAT(stats.number("yes"), Optional(1));
  EXPECT_THAT(stats.number("no"), Optional(0));
}

TEST(BulkStatistics, text_is_text) {
  const Stats stats = Parameters{}.add(virTypedParamsAddString, "block.0.name", "vda").stats();
  EXPECT_THAT(stats.text("block.0.name"), Optional(Eq("vda")));
  EXPECT_THAT(stats.number("block.0.name"), Eq(std::nullopt));
}

TEST(BulkStatistics, type_of_a_later_libvirt_is_left_out) {
  virTypedParameter parameters[2] = {{"unknown", 99, {}}, {"known", VIR_TYPED_PARAM_INT, {.i = 7}}};
  const Stats stats = to_stats(parameters, 2);
  EXPECT_THAT(stats.number("unknown"), Eq(std::nullopt));
  EXPECT_THAT(stats.number("known"), Optional(7));
}

TEST(BulkStatistics, no_parameters_are_no_statistics) { EXPECT_TRUE(to_stats(nullptr, 0).empty()); }

TEST(BulkStatistics, all_domains_are_read_with_their_identity_and_state) {
  const SharedHost host;
  host.define(domain_xml("off"));
  const auto readings = read(host.connection(), Group::kState);
  ASSERT_THAT(readings, SizeIs(2));
  const bool off_first = readings[0].domain.name == "off";
  const Domain &on = readings[off_first ? 1 : 0].domain, &off = readings[off_first ? 0 : 1].domain;
  EXPECT_EQ(on.name, "test");
  EXPECT_TRUE(on.active);
  EXPECT_THAT(on.number("state.state"), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_EQ(off.uuid, uuid_for("off"));
  EXPECT_FALSE(off.active);
  EXPECT_THAT(off.number("state.state"), Optional(VIR_DOMAIN_SHUTOFF));
  EXPECT_TRUE(off.number("state.reason"));
}

TEST(BulkStatistics, state_is_read_even_if_it_is_not_asked) {
  const SharedHost host;
  EXPECT_TRUE(read(host.connection(), Group::kBlock).at(0).domain.number("state.state"));
}

TEST(BulkStatistics, handle_outlives_the_records) {
  const SharedHost host;
  auto readings = read(host.connection(), Group::kState);
  EXPECT_EQ(uuid_of(readings.at(0).handle.get()), readings.at(0).domain.uuid);
}

// Each domain that is held holds its connection; closing tells how many references are left.
TEST(BulkStatistics, domains_are_given_back) {
  Connection connection = open_connection("test:///default");
  EXPECT_THAT(read(connection.get(), Group::kState), SizeIs(1));
  EXPECT_EQ(virConnectClose(connection.release()), 0);
}

TEST(BulkStatistics, call_that_fails_throws_its_reason) {
  const SharedHost host;  // libvirt gives reasons once it was used
  EXPECT_THAT([] { read(nullptr, Group::kState); },
              ThrowsMessage<LibvirtError>(testing::StartsWith("cannot read domain statistics: ")));
}

}  // namespace
}  // namespace virt
