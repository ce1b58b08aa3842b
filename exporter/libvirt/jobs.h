// SPDX-License-Identifier: Apache-2.0
// The jobs of domains, such as a migration. Nothing announces every start of one, and to ask costs a call for each
// domain, which waits where the domain's monitor is held: so only those are asked that may well have one.
#ifndef VIRT_EXPORTER_LIBVIRT_JOBS_H_
#define VIRT_EXPORTER_LIBVIRT_JOBS_H_

#include <chrono>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/per_domain.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

// The job that the domain has now: "job.type" (virDomainJobType), and "job.*" with libvirt's names and units. Empty if
// it has none or did not say. It may wait up to 30 s where another call holds the domain,
// and as long as QEMU's monitor is silent. Never asks for a completed job: its statistics are for whoever asks first.
Stats read_job(virDomainPtr domain);

// The job of a domain, by its UUID; empty if it has none, or vanished.
struct FoundJob {
  std::string uuid;
  Stats job;
};

// A connection over which jobs are asked for.
class JobConnection {
 public:
  struct Wanted {
    std::string uuid;
    const std::string& key() const { return uuid; }
  };
  using Found = FoundJob;

  explicit JobConnection(std::string uri) : uri_(std::move(uri)) {}

  void open();
  Reply<Wanted, Found> read(const Wanted& wanted);

 private:
  const std::string uri_;
  Connection connection_;
  KnownDomains domains_;  // of the connection
};

// Whose turn it is to be asked. Does no I/O. One thread at a time.
class JobRotation {
 public:
  // Within `refresh` each domain that runs is asked at least once.
  explicit JobRotation(std::chrono::duration<double> refresh) : rotation_(refresh) {}

  // The UUIDs of those of `domains` that are to be asked now: those that run and had a job when they were last asked,
  // whose state speaks of one, or whose monitor did not answer ("monitor.responding"); and of the others those whose
  // turn is longest ago. Domains that are not there, or do not run, are forgotten.
  std::vector<std::string> choose(const std::vector<Domain>& domains, Time now);

  // What the answer was.
  void answered(const std::string& uuid, bool has_job);

 private:
  struct Known {
    bool has_job = false;
    Time asked{};
  };

  Rotation rotation_;
  PerDomain<Known> known_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_JOBS_H_
