// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/families.h"

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <stdexcept>

#include "exporter/testing/expose.h"

namespace virt {
namespace {

constexpr Meter kMeters[] = {
    {"", "a_bytes", Type::kGauge, kOne, "A."},
    {"", "b_total", Type::kCumulative, kOne, "B."},
    {"", "open_*_total", Type::kCumulative, kOne, "Open."},
    {"", "latency_seconds", Type::kHistogram, kOne, "Latency."},
    {"", "open_x_total", Type::kGauge, kOne, "Not what the star becomes."},
    {"", "latency_seconds_count", Type::kGauge, kOne, "Not the histogram's."},
};
constexpr Meter kOther[] = {{"", "other", Type::kGauge, kOne, "Other."}};

std::string text_of(const Counters& counters, const DomainLabels& labels = {}) {
  return families_text({kMeters}, counters, labels);
}

Domain nova_domain() {
  DomainFacts facts;
  facts.nova.emplace();
  facts.nova->project_id = "p1";
  Domain domain;
  domain.name = "vm1";
  domain.uuid = "u1";
  domain.facts = std::make_shared<const DomainFacts>(facts);
  return domain;
}

TEST(Families, groups_counters_by_family) {
  Counters counters;
  counters.sample(kMeters[0], 1, {nullptr, {{"device", "x"}}});
  counters.sample(kMeters[1], 2, {nullptr, {{"device", "x"}}});
  counters.sample(kMeters[0], 3, {nullptr, {{"device", "y"}}});
  EXPECT_EQ(text_of(counters), R"(# HELP a_bytes A.
# TYPE a_bytes gauge
a_bytes{device="x"} 1
a_bytes{device="y"} 3
# HELP b_total B.
# TYPE b_total counter
b_total{device="x"} 2
)");
}

TEST(Families, the_domain_is_the_first_label) {
  const Domain domain = nova_domain();
  Counters counters;
  counters.sample(kMeters[0], 1, {&domain, {{"device", "x"}}});
  EXPECT_EQ(samples_only(text_of(counters)), "a_bytes{domain=\"vm1\",device=\"x\"} 1\n");
}

TEST(Families, domain_labels_are_on_every_series_of_a_domain) {
  const Domain domain = nova_domain(), plain;
  Counters counters;
  counters.sample(kMeters[0], 1, {&domain, {}});
  counters.sample(kMeters[0], 2, {&plain, {}});
  counters.sample(kMeters[1], 3, {});
  EXPECT_EQ(samples_only(text_of(counters, DomainLabels{"uuid,project_id"})),
            R"(a_bytes{domain="vm1",uuid="u1",project_id="p1"} 1
a_bytes{domain="",uuid="",project_id=""} 2
b_total 3
)");
}

TEST(Families, a_label_that_is_there_already_is_not_added_again) {
  const Domain domain = nova_domain();
  Counters counters;
  counters.sample(kMeters[0], 1, {&domain, {{"uuid", "own"}}});
  EXPECT_EQ(samples_only(text_of(counters, DomainLabels{"uuid"})), "a_bytes{domain=\"vm1\",uuid=\"own\"} 1\n");
}

TEST(Families, no_series_appears_twice) {
  Counters counters;
  counters.sample(kMeters[0], 1, {nullptr, {{"device", "x"}}});
  counters.sample(kMeters[0], 2, {nullptr, {{"device", "y"}}});
  counters.sample(kMeters[0], 3, {nullptr, {{"device", "x"}}});
  counters.sample(kMeters[0], 4, {nullptr, {{"device", "x"}}});
  EXPECT_EQ(samples_only(text_of(counters)), "a_bytes{device=\"x\"} 1\na_bytes{device=\"y\"} 2\n");
}

TEST(Families, invalid_utf8_is_replaced) {
  Domain domain;
  domain.name = "a\xff";
  Counters counters;
  counters.sample(kMeters[0], 1, {&domain, {}});
  EXPECT_EQ(samples_only(text_of(counters)), "a_bytes{domain=\"a\xEF\xBF\xBD\"} 1\n");
}

TEST(Families, a_star_is_filled_in_and_made_a_valid_name) {
  Counters counters;
  counters.sample(kMeters[2], 1, {}, "Exits.io-port");
  counters.sample(kMeters[2], 2, {}, "poll_ns");
  EXPECT_EQ(samples_only(text_of(counters)), "open_exits_io_port_total 1\nopen_poll_seconds_total 2\n");
}

TEST(Families, stars_that_become_one_name_are_one_family) {
  Counters counters;
  counters.sample(kMeters[2], 1, {nullptr, {{"vcpu", "0"}}}, "x.y");
  counters.sample(kMeters[2], 2, {nullptr, {{"vcpu", "1"}}}, "x_y");
  EXPECT_EQ(text_of(counters), R"(# HELP open_x_y_total Open.
# TYPE open_x_y_total counter
open_x_y_total{vcpu="0"} 1
open_x_y_total{vcpu="1"} 2
)");
}

TEST(Families, buckets_become_a_histogram) {
  Counters counters;
  for (const auto& [le, count] : {std::pair{"0.1", 2}, {"1", 5}, {"+Inf", 6}})
    counters.sample(kMeters[3], count, {nullptr, {{"device", "x"}, {"le", le}}});
  EXPECT_EQ(text_of(counters), R"(# HELP latency_seconds Latency.
# TYPE latency_seconds histogram
latency_seconds_bucket{device="x",le="0.1"} 2
latency_seconds_bucket{device="x",le="1"} 5
latency_seconds_bucket{device="x",le="+Inf"} 6
latency_seconds_count{device="x"} 6
)");
}

TEST(Families, a_meter_that_is_not_declared_is_refused) {
  Counters counters;
  counters.sample(kOther[0], 1, {});
  EXPECT_THROW(text_of(counters), std::logic_error);
}

TEST(Families, a_bucket_without_a_bound_is_refused) {
  Counters counters;
  counters.sample(kMeters[3], 1, {});
  EXPECT_THROW(text_of(counters), std::logic_error);
  counters = {};
  counters.sample(kMeters[3], 1, {nullptr, {{"le", "1"}, {"device", "x"}}});
  EXPECT_THROW(text_of(counters), std::logic_error) << "the bound stands last";
  for (const char* bound : {"", "x", "1x", " 1", "Inf", "nan"}) {
    counters = {};
    counters.sample(kMeters[3], 1, {nullptr, {{"le", bound}}});
    EXPECT_THROW(text_of(counters), std::logic_error) << bound;
  }
}

TEST(Families, a_label_that_is_there_twice_is_refused) {
  const Domain domain = nova_domain();
  const Resource twice[] = {{nullptr, {{"device", "x"}, {"vcpu", "0"}, {"device", "y"}}},
                            {&domain, {{"device", "x"}, {"device", "x"}}},
                            {&domain, {{"device", "x"}, {"domain", "vm1"}}},
                            {&domain, {{"uuid", "u1"}, {"uuid", "u2"}}}};
  for (const Resource& resource : twice) {
    Counters counters;
    counters.sample(kMeters[0], 1, resource);
    EXPECT_THROW(text_of(counters, DomainLabels{"uuid"}), std::logic_error) << resource.labels.back().name;
  }
}

TEST(Families, a_resource_without_a_domain_brings_that_label_itself) {
  Counters counters;
  counters.sample(kMeters[0], 1, {nullptr, {{"domain", "gone"}}});
  EXPECT_EQ(samples_only(text_of(counters)), "a_bytes{domain=\"gone\"} 1\n");
}

TEST(Families, a_name_of_two_types_is_refused) {
  for (const bool star_first : {true, false}) {
    Counters counters;
    if (star_first) counters.sample(kMeters[2], 1, {}, "x");
    counters.sample(kMeters[4], 1, {});
    if (!star_first) counters.sample(kMeters[2], 1, {}, "x");
    EXPECT_THROW(text_of(counters), std::logic_error);
  }
}

TEST(Families, a_name_of_a_histogram_s_samples_is_refused) {
  for (const bool histogram_first : {true, false}) {
    Counters counters;
    if (histogram_first) counters.sample(kMeters[3], 1, {nullptr, {{"le", "+Inf"}}});
    counters.sample(kMeters[5], 1, {});
    if (!histogram_first) counters.sample(kMeters[3], 1, {nullptr, {{"le", "+Inf"}}});
    EXPECT_THROW(text_of(counters), std::logic_error);
  }
}

TEST(Families, a_star_is_made_a_valid_name_whatever_it_is) {
  Counters counters;
  counters.sample(kMeters[2], 1, {}, "\xe9\n{\"9Z");
  EXPECT_EQ(samples_only(text_of(counters)), "open_____9z_total 1\n");
}

TEST(Families, a_label_may_be_long) {
  const std::string value(10'000'000, 'x');
  Counters counters;
  counters.sample(kMeters[0], 1, {nullptr, {{"device", value}}});
  EXPECT_EQ(samples_only(text_of(counters)), "a_bytes{device=\"" + value + "\"} 1\n");
}

TEST(Families, what_is_refused_leaves_no_text) {
  Counters counters;
  counters.sample(kMeters[0], 1, {});
  counters.sample(kOther[0], 1, {});
  std::string text;
  const Sink sink = [&](const Piece& piece) { text += piece.text(); };
  Pieces pieces{sink};
  EXPECT_THROW(write_families({kMeters}, counters, {}, pieces), std::logic_error);
  pieces.finish();
  EXPECT_EQ(text, "");
}

TEST(Families, a_repeated_histogram_is_left_out_whole) {
  Counters counters;
  for (const double factor : {1, 10})
    for (const auto& [le, count] : {std::pair{"1", 2}, {"+Inf", 3}})
      counters.sample(kMeters[3], factor * count, {nullptr, {{"le", le}}});
  EXPECT_EQ(samples_only(text_of(counters)),
            "latency_seconds_bucket{le=\"1\"} 2\nlatency_seconds_bucket{le=\"+Inf\"} 3\nlatency_seconds_count 3\n");
}

// prometheus-cpp's own serializer says the same of what it can say: it has no HELP to escape, and 16 digits.
TEST(Families, the_text_is_that_of_prometheus_cpp) {
  Domain domain;
  domain.name = "a\"b\\c\nd";
  const double values[] = {0, -1, 0.1, 8.2e-05, 123456789, std::numeric_limits<double>::infinity()};
  Counters counters;
  prometheus::MetricFamily gauges{"a_bytes", "A.", prometheus::MetricType::Gauge, {}};
  prometheus::MetricFamily totals{"b_total", "B.", prometheus::MetricType::Counter, {}};
  for (const double value : values) {
    const std::string device = std::to_string(gauges.metric.size());
    for (const std::size_t row : {0u, 1u}) counters.sample(kMeters[row], value, {&domain, {{"device", device}}});
    prometheus::ClientMetric metric;
    metric.label = {{"domain", domain.name}, {"device", device}};
    metric.gauge.value = metric.counter.value = value;
    gauges.metric.push_back(metric);
    totals.metric.push_back(metric);
  }
  EXPECT_EQ(text_of(counters), prometheus::TextSerializer{}.Serialize({gauges, totals}));
}

}  // namespace
}  // namespace virt
