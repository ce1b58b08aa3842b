// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "exporter/testing/domstats.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_libvirt.h"
#include "tests/support/gunzip.h"
#include "tests/support/http_client.h"
#include "tests/support/hypervisor.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const PageOptions kOptions{"/metrics", 10s, 500ms};

// No two scrapes of it differ: its clocks stand still.
class Pages {
 public:
  explicit Pages(std::unique_ptr<Source> source) : reader_("libvirt", std::move(source), {no_time, no_date}) {}

  HttpReply get(const std::string& target, const std::string& headers = "") const {
    return virt::get(server_.port(), target, headers);
  }
  HttpReply head(const std::string& target, const std::string& headers = "") const {
    return http(server_.port(), "HEAD", target, headers);
  }

 private:
  static std::chrono::steady_clock::time_point no_time() { return {}; }
  static std::chrono::system_clock::time_point no_date() { return {}; }

  Reader reader_;
  Scraper scraper_{{{libvirt_kind(), &reader_}},
                   choose_pollsters(make_pollsters(), "compute.cpu,compute.disk", {libvirt_kind()}),
                   DomainLabels{},
                   Scraper::Environment{no_time, [] { return Stats{}; }, {}}};
  const HttpServer server_{"127.0.0.1:0", make_pages(scraper_, kOptions)};
};

class DeadSource : public Source {
 public:
  std::shared_ptr<SnapshotBase> read(Needs, Waiters&) override { throw std::runtime_error("no daemon"); }
  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Snapshot>(); }
  void wake() override {}
};

Pages alive() {
  return Pages{std::make_unique<FakeSource>(snapshot_of(R"(
    Domain: 'a'
      state.state=1
      state.reason=1
      cpu.time=1500000000
      block.0.name=vda
      block.0.rd.bytes=410112)"))};
}

double budget(std::string_view given) { return scrape_budget(given, kOptions).count(); }

TEST(Pages, budget_is_what_prometheus_gives_less_the_offset) {
  EXPECT_EQ(budget("3"), 2.5);
  EXPECT_EQ(budget("9.75"), 9.25);
}

TEST(Pages, budget_is_at_most_the_flag) {
  EXPECT_EQ(budget("10.5"), 10);
  EXPECT_EQ(budget("60"), 10);
  EXPECT_EQ(budget("1e300"), 10);
  EXPECT_EQ(budget("inf"), 10);
}

TEST(Pages, offset_takes_at_most_half_of_a_short_budget) {
  EXPECT_EQ(budget("1"), 0.5);
  EXPECT_EQ(budget("0.75"), 0.375);
}

TEST(Pages, without_a_sensible_budget_the_flag_counts) {
  for (const char* given : {"", "0", "-1", "nan", "soon", "5s", "5 ", " 5", "0x5"})
    EXPECT_EQ(budget(given), 10) << given;
}

TEST(Pages, gzip_is_accepted_when_it_is_named_or_everything_is) {
  for (const char* header : {"gzip", "gzip, deflate", "deflate,gzip", "gzip;q=0.5", "deflate;q=1, gzip; q=0.001", "*",
                             "deflate, *;q=0.1", "x-gzip", "gzip;q=1.000", "GZIP", "gzip;Q=0.3"})
    EXPECT_TRUE(accepts_gzip(header)) << header;
}

TEST(Pages, gzip_is_not_accepted_when_it_is_refused_or_not_named) {
  for (const char* header : {"", "identity", "deflate", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *",
                             "*, gzip;q=0", "gzipped", "notgzip", ",", ";", "gzip;Q=0", "GZIP;q=0"})
    EXPECT_FALSE(accepts_gzip(header)) << header;
}

TEST(Pages, metrics_have_the_content_type_of_the_text_format) {
  const HttpReply reply = alive().get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.headers.count("content-encoding"), 0);
  EXPECT_THAT(reply.body, AllOf(HasSubstr("\nlibvirt_up 1\n"),
                                HasSubstr("\nlibvirt_domain_info_cpu_time_seconds_total{domain=\"a\"} 1.5\n"),
                                HasSubstr("_read_bytes_total{domain=\"a\",target_device=\"vda\"} 410112\n")));
}

TEST(Pages, gzip_holds_the_very_same_text) {
  const Pages pages = alive();
  const HttpReply reply = pages.get("/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(reply.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(reply.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(gunzip(reply.body), pages.get("/metrics").body);
}

TEST(Pages, head_has_the_headers_of_get_and_reads_nothing) {
  const CapturedLog log;
  const Pages pages{std::make_unique<DeadSource>()};
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  const HttpReply plain_head = pages.head("/metrics"), gzip_head = pages.head("/metrics", gzip);
  EXPECT_THAT(log.text(), IsEmpty());
  EXPECT_EQ(plain_head.headers, pages.get("/metrics").headers);
  EXPECT_EQ(gzip_head.headers, pages.get("/metrics", gzip).headers);
  EXPECT_THAT(plain_head.body + gzip_head.body, IsEmpty());
}

TEST(Pages, query_narrows_a_scrape) {
  const Pages pages = alive();
  const auto cpu_alone = AllOf(HasSubstr("_cpu_time_"), Not(HasSubstr("_read_bytes_")), HasSubstr("libvirt_up 1"));
  for (const char* query :
       {"pollster[]=compute.cpu", "pollster%5B%5D=*.cpu", "pollster[]=!compute.disk", "pollster=*.cpu"})
    EXPECT_THAT(pages.get(std::string{"/metrics?"} + query).body, cpu_alone) << query;
  for (const char* query : {"pollster[]=compute.disk&pollster[]=compute.cpu", "pollster[]=*", "other=compute.cpu"})
    EXPECT_EQ(pages.get(std::string{"/metrics?"} + query).body, pages.get("/metrics").body) << query;
}

TEST(Pages, unknown_pollster_is_a_400_that_lists_those_there_are) {
  const HttpReply reply = alive().get("/metrics?pollster[]=compute.memory");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.body, "no pollster matches 'compute.memory'; pollsters: compute.cpu, compute.disk\n");
}

TEST(Pages, all_links_of_the_status_page_work) {
  const Pages pages = alive();
  const HttpReply page = pages.get("/");
  EXPECT_EQ(page.status, 200);
  std::vector<std::string> targets;
  for (std::size_t at = 0; (at = page.body.find("<a href=\"./", at)) != std::string::npos;) {
    at += std::string_view{"<a href=\"."}.size();
    targets.push_back(page.body.substr(at, page.body.find('"', at) - at));
  }
  EXPECT_THAT(targets, testing::UnorderedElementsAre("/metrics", "/-/healthy", "/-/ready"));
  for (const std::string& target : targets) EXPECT_EQ(pages.get(target).status, 200) << target;
}

TEST(Pages, without_libvirt_the_exporter_is_healthy_and_ready_and_says_that_libvirt_is_down) {
  const CapturedLog log;
  const Pages pages{std::make_unique<DeadSource>()};
  EXPECT_EQ(pages.get("/-/healthy").body, "virt_exporter is alive.\n");
  EXPECT_EQ(pages.get("/-/ready").body, "virt_exporter is ready.\n");
  const HttpReply reply = pages.get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, AllOf(HasSubstr("\nlibvirt_up 0\n"), HasSubstr("virt_scrape_pollster_success"),
                                Not(HasSubstr("libvirt_domain"))));
}

TEST(Pages, scrapes_beyond_the_limit_are_refused_until_another_has_its_answer) {
  Hypervisor hypervisor;
  Reader reader{"libvirt", std::make_unique<HypervisorSource>(hypervisor)};
  Scraper scraper{
      {{libvirt_kind(), &reader}}, choose_pollsters(make_pollsters(), "compute.domain", {libvirt_kind()}), {}, {}};
  PageOptions options{"/metrics", 60s, 500ms};
  options.max_requests = 2;
  HttpServer server{"127.0.0.1:0", make_pages(scraper, options)};
  const auto scrape = [&] { return get(server.port(), "/metrics"); };
  auto first = std::async(std::launch::async, scrape);
  auto second = std::async(std::launch::async, scrape);
  hypervisor.wait_for_woken(2);
  const HttpReply refused = scrape();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "too many concurrent scrapes; see --max_requests\n");
  EXPECT_EQ(get(server.port(), "/-/healthy").status, 200);
  hypervisor.let_end(100);
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(second.get().status, 200);
  EXPECT_EQ(scrape().status, 200);
}

}  // namespace
}  // namespace virt
