// SPDX-License-Identifier: Apache-2.0
// libvirt for tests of what is around the pollsters: the test kit's snapshots, as a source.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_FAKE_LIBVIRT_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_FAKE_LIBVIRT_H_

#include <memory>
#include <utility>

#include "exporter/libvirt/libvirt_source.h"
#include "exporter/source.h"

namespace virt {

// libvirt as a kind of source.
inline SourceKind libvirt_kind() { return libvirt_source({"test:///default"}); }

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

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_FAKE_LIBVIRT_H_
