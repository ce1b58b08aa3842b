// SPDX-License-Identifier: Apache-2.0
// What is known of a list, and when it is to be read again.
#ifndef VIRT_EXPORTER_OPENSTACK_LIST_STATE_H_
#define VIRT_EXPORTER_OPENSTACK_LIST_STATE_H_

#include <chrono>
#include <memory>
#include <optional>

#include "exporter/openstack/list_read.h"
#include "exporter/openstack/lists.h"
#include "exporter/openstack/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

// One thread at a time.
class ListState {
 public:
  explicit ListState(const ListSpec& spec) : spec_(&spec) {}
  const ListSpec& spec() const { return *spec_; }

  // Whether a scrape that comes now begins to read it.
  bool is_due(Time now) const;
  void begin(Time now);
  // The read under way is over. False if it must be made again, before anybody is told: an empty list, and a 403,
  // are believed the second time only, unless the last read ended so as well: services that start know no policies yet.
  bool end(ListResult result, Time now);

  bool is_being_read() const { return is_being_read_; }
  // Until when a scrape that came at `since` waits for the read under way; `patience` is for what may take long.
  Time awaited_until(Time since, std::chrono::steady_clock::duration patience) const;

  Failure failure() const { return failure_; }
  bool was_ever_read() const { return has_ended_; }
  // The read under way takes longer than that of a list that is not big should.
  bool is_hanging(Time now) const;
  // Null if there are none, or they are too old.
  std::shared_ptr<const CloudItems> items(Time now) const;
  CloudListReport report(Time now) const;

 private:
  std::chrono::seconds pause(const ListResult& result) const;

  const ListSpec* spec_;
  bool is_being_read_ = false, has_ended_ = false, is_doubted_ = false;
  Time begun_{}, next_ = Time::min();  // the read under way, or the last one; when there may be another one
  Failure failure_ = Failure::kNone;   // of the last read that ended
  unsigned failures_ = 0;              // in a row
  bool fails_slowly_ = false;          // one of those failures was long in coming
  // What the last good read found.
  std::shared_ptr<const CloudItems> items_;
  Time read_at_{};  // when it began
  std::chrono::duration<double> duration_{0};
  std::size_t pages_ = 0, count_ = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_LIST_STATE_H_
