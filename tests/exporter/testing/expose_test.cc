// SPDX-License-Identifier: Apache-2.0
#include "exporter/testing/expose.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "exporter/plugin.h"
#include "exporter/testing/domstats.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

struct Shelf : SnapshotBase {
  static constexpr std::string_view kSource = "shelf";
  double books = 0;
};

class ShelfSource : public BlockingSource {
 public:
  explicit ShelfSource(const Settings& settings) : books_(settings.get("books").value_or("3")) {}
  std::shared_ptr<SnapshotBase> read(Needs, std::chrono::steady_clock::time_point) override {
    if (books_ == "burnt") throw std::runtime_error("no books");
    const auto shelf = std::make_shared<Shelf>();
    shelf->books = std::stod(books_);
    return shelf;
  }
  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Shelf>(); }

 private:
  const std::string books_;
};

constexpr Meter kBooks[] = {{"", "shelf_books", Type::kGauge, kOne, "Books (shelf)."}};

class ShelfPollster : public PollsterOf<Shelf> {
 public:
  explicit ShelfPollster(const Settings& settings) : weight_(settings.get("kilograms") ? 0.5 : 1) {}
  std::vector<Meters> meters() const override { return {kBooks}; }
  Needs needs() const override { return 0; }
  Counters get_counters(const Shelf& shelf) const override {
    Counters counters;
    counters.sample(kBooks[0], shelf.books * weight_, {nullptr, {{"room", "a"}}});
    if (shelf.books > 9) counters.sample(kBooks[0], shelf.books, {nullptr, {{"room", "a"}, {"room", "b"}}});
    return counters;
  }

 private:
  const double weight_;
};

constexpr Meter kDomains[] = {{"", "shelf_domains", Type::kGauge, kOne, "Domains."}};

class DomainsPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kDomains}; }
  Needs needs() const override { return 0; }
  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    counters.sample(kDomains[0], static_cast<double>(snapshot.domains.size()), {});
    return counters;
  }
};

REGISTER_SOURCE(shelf, ShelfSource);
REGISTER_POLLSTER(shelf, books, ShelfPollster);
REGISTER_POLLSTER(shelf, domains, DomainsPollster);

Shelf shelf_of(double books) {
  Shelf shelf;
  shelf.books = books;
  return shelf;
}

TEST(Expose, gives_the_text_of_a_pollster_for_a_snapshot_of_libvirt) {
  EXPECT_EQ(expose("shelf.domains", snapshot_of("Domain: 'a'\nDomain: 'b'")),
            "# HELP shelf_domains Domains.\n# TYPE shelf_domains gauge\nshelf_domains 2\n");
}

TEST(Expose, gives_the_text_of_a_pollster_for_a_snapshot_of_its_own) {
  EXPECT_EQ(samples_only(expose("shelf.books", shelf_of(4))), "shelf_books{room=\"a\"} 4\n");
}

TEST(Expose, pollster_gets_settings) {
  EXPECT_EQ(samples_only(expose("shelf.books", shelf_of(4), {{"kilograms", "1"}})), "shelf_books{room=\"a\"} 2\n");
  EXPECT_THAT(
      [] {
        expose("shelf.books", shelf_of(4), {{"pounds", "1"}});
      },
      ThrowsMessage<std::invalid_argument>("shelf.books has no setting 'pounds'"));
}

TEST(Expose, what_prometheus_would_refuse_fails_the_test) {
  EXPECT_THAT([] { expose("shelf.books", shelf_of(10)); },
              ThrowsMessage<std::logic_error>("a resource has the label 'room' twice"));
}

TEST(Expose, pollster_of_another_name_or_source_is_refused) {
  EXPECT_THAT([] { expose("shelf.films", Shelf{}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("shelf.films is not registered")));
  EXPECT_THAT([] { expose("shelf.books", Snapshot{}); },
              ThrowsMessage<std::invalid_argument>("shelf.books takes snapshots of shelf, not of libvirt"));
}

TEST(Expose, module_of_another_contract_is_refused) {
  static virt_pollster_record foreign{"contract 999", "shelf.foreign", nullptr, nullptr};
  virt_register_pollster(&foreign);
  EXPECT_THAT([] { expose("shelf.foreign", Shelf{}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("shelf.foreign was built for contract 999; ")));
}

TEST(ReadSource, gives_a_snapshot_as_the_settings_say) {
  EXPECT_EQ(read_source<Shelf>()->books, 3);
  EXPECT_EQ(read_source<Shelf>({{"books", "5"}})->books, 5);
  EXPECT_THAT(
      [] {
        read_source<Shelf>({{"films", "5"}});
      },
      ThrowsMessage<std::invalid_argument>("shelf has no setting 'films'"));
}

TEST(ReadSource, what_the_source_throws_reaches_the_test) {
  EXPECT_THAT([] { read_source<Shelf>({{"books", "burnt"}}); }, ThrowsMessage<std::runtime_error>("no books"));
}

TEST(SamplesOnly, leaves_out_help_and_type) {
  EXPECT_EQ(samples_only("# HELP a b\n# TYPE a gauge\na 1\n# HELP c d\nc 2"), "a 1\nc 2\n");
  EXPECT_EQ(samples_only(""), "");
}

}  // namespace
}  // namespace virt
