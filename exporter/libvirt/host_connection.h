// SPDX-License-Identifier: Apache-2.0
// What libvirt says of the host itself: its CPUs and memory. No call here takes a domain's job or asks a monitor; a
// driver that does not know one of them leaves its keys out.
#ifndef VIRT_EXPORTER_LIBVIRT_HOST_CONNECTION_H_
#define VIRT_EXPORTER_LIBVIRT_HOST_CONNECTION_H_

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

// What does not change while a connection lasts, and is asked for once: each call wakes several threads, here and in
// libvirtd, which gathers its capabilities anew each time.
struct HostConstants {
  std::vector<int> cells;                                                       // of NUMA
  std::vector<unsigned> page_sizes;                                             // in KiB, the smallest first
  bool has_huge_pages = false;                                                  // some were set aside
  Stats stats;                                                                  // name, driver and versions
  int cpu_times = 0, memory_sizes = 0, cell_sizes = 0, merging_parameters = 0;  // how many numbers libvirt has of each
};
HostConstants read_constants(virConnectPtr connection);
// The host's CPUs, which may be plugged in while it runs.
Stats read_info(virConnectPtr connection);
// How many pages of each size but the usual one are free in each cell.
Stats read_huge_pages(virConnectPtr connection, const HostConstants& constants);
// What same-page merging did, and how it is set.
Stats read_merging(virConnectPtr connection, const HostConstants& constants);
// Its CPU time and memory.
Stats read_node(virConnectPtr connection, const HostConstants& constants);

// A connection over which the host is read.
class HostConnection {
 public:
  struct Wanted {
    static std::string key() { return {}; }
  };
  using Found = Stats;

  // Connects on the first read, and again if the connection was lost. What changes seldom, the number of CPUs, and
  // whether there are huge pages, or pages that are merged, is read again within `refresh`.
  HostConnection(std::string uri, std::chrono::duration<double> refresh) : uri_(std::move(uri)), refresh_(refresh) {}

  void open();
  Reply<Wanted, Found> read(Wanted) { return {read(std::chrono::steady_clock::now())}; }
  Stats read(Time now);

 private:
  // What changes seldom.
  class Seldom {
   public:
    explicit Seldom(Refresh turn) : turn_(turn) {}

    const Stats& last() const { return last_; }
    // Reads it in its turn, and each time if it `changes`, or if nothing is known.
    template <typename Read>
    const Stats& read(Time now, bool changes, Read read) {
      if (turn_.is_due(now) || changes || last_.empty()) last_ = read();
      return last_;
    }

   private:
    Refresh turn_;
    Stats last_;
  };

  // What was read over the connection.
  struct Kept {
    HostConstants constants;
    Seldom info, huge_pages, merging;
  };

  const std::string uri_;
  const std::chrono::duration<double> refresh_;
  Connection connection_;
  std::optional<Kept> kept_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_HOST_CONNECTION_H_
