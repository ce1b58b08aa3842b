// SPDX-License-Identifier: Apache-2.0
// A hypervisor made of text: what `virsh domstats --raw` and `virsh dumpxml` print.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_DOMSTATS_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_DOMSTATS_H_

#include <map>
#include <string>
#include <string_view>

#include "exporter/libvirt/snapshot.h"
#include "exporter/source.h"
#include "exporter/text/domain_labels.h"

namespace virt {

// One Domain for each "Domain: 'name'" of the text; "key=value" lines are its statistics (yes and no are
// booleans; what is no number is text); those after a line "Host:" are the host's. Its facts come from `xml`, by name.
// A domain is active unless its state is shut off. Throws std::invalid_argument for other lines.
Snapshot snapshot_of(std::string_view domstats, const std::map<std::string, std::string>& xml = {});

// libvirt as a kind of source.
SourceKind libvirt_kind();

// The exposition text of counters of these tables.
std::string expose(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels = {});

// The exposition text of one pollster, "namespace.name", for a snapshot.
std::string expose(const std::string& pollster, const Snapshot& snapshot);

// The lines of an exposition text that are neither HELP nor TYPE.
std::string samples_only(const std::string& text);

// Gives the same snapshot each time.
class FakeSource : public Source {
 public:
  explicit FakeSource(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}
  std::shared_ptr<SnapshotBase> read(Needs, Waiters&) override { return std::make_shared<Snapshot>(snapshot_); }
  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Snapshot>(); }
  void wake() override {}

 private:
  const Snapshot snapshot_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_DOMSTATS_H_
