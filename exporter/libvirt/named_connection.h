// SPDX-License-Identifier: Apache-2.0
// What the host has several of, each with a name: storage pools, virtual networks. Each of them may be locked while
// something is done to it, and whoever asks for it, or for the list of all, waits.
#ifndef VIRT_EXPORTER_LIBVIRT_NAMED_CONNECTION_H_
#define VIRT_EXPORTER_LIBVIRT_NAMED_CONNECTION_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporter/libvirt/connection.h"
#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/stats_builder.h"

namespace virt {

// What libvirt's lists say of one: whether it is in them, by our keys.
using ListedFacts = std::vector<std::pair<const char*, bool>>;

// A thing, or the list of all if it has no name.
struct WantedNamed {
  std::string name, uuid;
  std::optional<ListedFacts> listed = {};  // nothing: to be asked by a call for each

  const std::string& key() const { return name; }
};

struct FoundNamed {
  std::string name;
  Stats stats = {};                                                          // empty if it vanished
  std::optional<std::vector<std::pair<std::string, std::string>>> all = {};  // of the list: names and UUIDs
};

// Numbers for names, the same ones each time in a read. Any thread.
class Numbers {
 public:
  int of(const std::string& name) {
    const std::lock_guard lock{mutex_};
    return numbers_.try_emplace(name, static_cast<int>(numbers_.size())).first->second;
  }
  // There are so many things: if far more are known, all are forgotten.
  void trim(std::size_t things) {
    constexpr std::size_t kMore = 64;
    const std::lock_guard lock{mutex_};
    if (numbers_.size() > 2 * things + kMore) numbers_.clear();
  }

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, int> numbers_;
};

// `Kind` has: kPrefix, of its keys; Handle; find_by_uuid(connection, uuid), which does not
// look at the others; list(connection), all with what lists say of them, which throws LibvirtError;
// name(handle); uuid(handle); facts(handle), what the lists would say of one; and read(handle, facts, prefix, stats).
// No call has anything refreshed.
template <typename Kind>
class NamedConnection {
 public:
  using Wanted = WantedNamed;
  using Found = FoundNamed;
  using Handle = typename Kind::Handle;

  NamedConnection(std::string uri, std::shared_ptr<Numbers> numbers)
      : uri_(std::move(uri)), numbers_(std::move(numbers)) {}

  void open() {
    if (keep_open(uri_, connection_)) handles_.clear();
  }

  Reply<Wanted, Found> read(Wanted wanted) { return wanted.name.empty() ? read_list() : read_one(wanted); }

 private:
  Reply<Wanted, Found> read_list() {
    handles_.clear();
    Found found;
    found.all.emplace();
    std::vector<Wanted> more;
    for (auto& [handle, facts] : Kind::list(connection_.get())) {
      Wanted wanted{Kind::name(handle.get()), Kind::uuid(handle.get()), std::move(facts)};
      found.all->emplace_back(wanted.name, wanted.uuid);
      handles_[wanted.uuid] = std::move(handle);
      more.push_back(std::move(wanted));
    }
    return {std::move(found), std::move(more)};
  }

  Reply<Wanted, Found> read_one(const Wanted& wanted) {
    Found found{wanted.name};
    Handle& handle = handles_[wanted.uuid];
    if (!handle) handle.reset(Kind::find_by_uuid(connection_.get(), wanted.uuid.c_str()));
    if (handle) {
      const std::string prefix = Kind::kPrefix + std::to_string(numbers_->of(wanted.name)) + ".";
      const ListedFacts facts = wanted.listed ? *wanted.listed : Kind::facts(handle.get());
      StatsBuilder stats;
      stats.add(prefix + "name", std::string_view{wanted.name});
      stats.add(prefix + "uuid", std::string_view{wanted.uuid});
      for (const auto& [key, is_listed] : facts) stats.add(prefix + key, is_listed ? 1 : 0);
      Kind::read(handle.get(), facts, prefix, stats);
      stats.add(prefix + "responding", 1);
      found.stats = stats.build();
    }
    check_alive(connection_);  // else nothing that it says, or does not say, is true
    return {std::move(found)};
  }

  const std::string uri_;
  const std::shared_ptr<Numbers> numbers_;
  Connection connection_;
  std::unordered_map<std::string, Handle> handles_;  // by UUID, since the last list
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_NAMED_CONNECTION_H_
