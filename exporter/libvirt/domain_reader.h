// SPDX-License-Identifier: Apache-2.0
// Which domains there are, and what is known of them without QEMU's monitors.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_READER_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_READER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporter/libvirt/domain_connections.h"
#include "exporter/libvirt/part.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

// libvirt may yet answer, so its connections are kept; keepalive finds out whether they are dead.
struct Late : std::runtime_error {
  Late() : std::runtime_error("libvirt did not respond before the scrape's deadline") {}
};

// All of it comes from one call, which is the cheapest way, for as long as that is quick. It is slow if anything of it
// is, for any domain; then the domains are listed with their state alone, and what else was asked for is read apart, of
// the domains that are known to answer: until all of it is quick again. Where even the list hangs, the domains that are
// known to run are asked for their state one by one; the others are there, with nothing that is measured.
//
// Used by the thread that does the runner's reports, and never waits.
class DomainReader {
 public:
  DomainReader(const Part::Context& context, const CallKinds& kinds, const std::string& uri,
               std::chrono::duration<double> refresh, std::shared_ptr<Events> events);
  ~DomainReader();

  // The ways to know the domains, and the parts that are read apart.
  const std::vector<Part*>& ways() const { return ways_; }
  const std::vector<Part*>& apart() const { return apart_; }

  // Begins to list the domains, with what `groups` ask for.
  void ask(Groups groups);
  // To be called when anything came back: goes on by another way where one is late.
  void go_on();
  // No domain is listed yet, and there is hope.
  bool is_awaited() const;
  // The handles with which domains can be asked one by one are being listed, as there are others now.
  bool is_listing_handles() const { return states_.is_reading(); }
  // The domains, once. Throws Late if none of them can be known yet, and another std::runtime_error if libvirt cannot
  // be reached.
  std::vector<Domain> take();

  // Whether the domains are to be read one by one, as the driver has no bulk statistics: by read_each(), when they have
  // their facts; take_each() gives them with what came of that.
  bool reads_each() const { return !has_bulk_statistics_; }
  void read_each(const std::vector<Domain>& domains);
  bool is_reading_each() const { return list_.is_reading(); }
  std::vector<Domain> take_each(std::vector<Domain> domains);
  // Begins to read apart what the list did not bring, of those of `domains` whose state is known.
  void read_apart(const std::vector<Domain>& domains);
  // Adds to the domains what came of that so far.
  void add(std::vector<Domain>& domains);

  // Before the parts end their read.
  void end_read();
  // What of the groups came of no domain.
  Groups missing() const;
  std::vector<PartReport> reports() const;

 private:
  // What comes with the list, or apart from it.
  struct Apart {
    Apart(Groups some, Part::Options options, const Part::Context& context,
          PartOf<NamedDomainsConnection>::MakeConnection make_connection)
        : groups(some), part(std::move(options), context, std::move(make_connection)) {}

    const Groups groups;
    PartOf<NamedDomainsConnection> part;
    std::optional<std::vector<Domain>> found = {};  // in this read
  };

  enum class Way { kTogether, kStateAlone, kOneByOne };

  void collect();
  void collect_states();
  void ask_one_by_one();
  void remember(const std::vector<Domain>& domains);
  void ask_for_handles();
  void ask_apart(Apart& apart);
  void read_interfaces();
  bool knows_nothing() const;
  std::vector<Domain> take_known();

  const std::shared_ptr<Runner> clock_;
  const std::shared_ptr<EventFeed> feed_;
  std::shared_ptr<HandleConnections> handles_;
  PartOf<DomainConnection> list_;
  PartOf<StateConnection> states_;
  std::vector<std::unique_ptr<Apart>> aparts_;
  std::vector<Part*> ways_, apart_;
  bool has_bulk_statistics_ = true;
  bool stays_apart_ = false;   // after a read in which something was late
  std::vector<Domain> known_;  // of the last list, in its order, without statistics
  bool has_handles_ = false;   // of those that are known
  Time handles_wanted_{};      // of the domains that there are since the read after this time
  unsigned disconnects_ = 0;   // as many as there were when they were wanted
  // Of this read.
  Way way_ = Way::kTogether;
  Groups groups_ = 0;
  Time asked_before_{}, asked_{};  // when the last read and this one began
  std::optional<std::vector<Domain>> listed_;
  std::vector<FoundState> found_states_;
  std::vector<FoundState> late_states_;           // that came in this read, but an earlier one asked for them
  std::unordered_map<std::string, Domain> each_;  // by UUID
  bool is_list_late_ = false;                     // with all
  std::vector<std::string> answering_;            // UUIDs of those whose state is known
  bool reads_interfaces_ = false;                 // when all else that is read apart is done
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_READER_H_
