// SPDX-License-Identifier: Apache-2.0
// The kinds of calls that are made to libvirt: how many, how long they take, and how many fail or never come back.
#ifndef VIRT_EXPORTER_LIBVIRT_CALL_KINDS_H_
#define VIRT_EXPORTER_LIBVIRT_CALL_KINDS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "exporter/instruments.h"

namespace virt {

// Calls of one kind. A call here is one piece of work on a thread of its own, which may make several of libvirt's.
// Shared with calls that are left behind. Any thread.
class CallKind {
 public:
  CallKind(const std::string& name, Instruments instruments);

  // Those that a read began are not awaited any longer: what is still out has timed out.
  void end_read();

 private:
  friend class TimedCall;
  std::uint64_t begin();         // gives the number of the read
  void end(std::uint64_t read);  // the call is back

  const Instruments instruments_;
  prometheus::Histogram& durations_;
  prometheus::Counter& errors_;
  prometheus::Counter& timeouts_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::uint64_t read_ = 0;
  unsigned out_ = 0;  // calls that this read began
};

// A call, from when this is made until it goes. It has failed if an exception ends it.
class TimedCall {
 public:
  explicit TimedCall(CallKind& kind);
  ~TimedCall();
  TimedCall(const TimedCall&) = delete;
  TimedCall& operator=(const TimedCall&) = delete;

 private:
  CallKind& kind_;
  const int exceptions_;
  const std::uint64_t read_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// All kinds, of one source. Used by the thread that reads; the kinds are for the threads of the calls.
class CallKinds {
  // What the kinds below are made with.
  const Instruments instruments_;
  std::vector<std::shared_ptr<CallKind>> all_;

  std::shared_ptr<CallKind> add(const std::string& name);

 public:
  explicit CallKinds(Instruments instruments);

  // To be called at the end of each read.
  void end_read() const;

  const std::shared_ptr<CallKind> connect = add("connect");  // the connection that lists domains
  const std::shared_ptr<CallKind> list = add("list");        // all domains, and what takes no monitor
  const std::shared_ptr<CallKind> domain = add("domain");  // statistics of some domains; of QEMU, what its monitor says
  const std::shared_ptr<CallKind> control = add("control");  // what holds the monitors of domains; libvirt's health
  const std::shared_ptr<CallKind> xml = add("xml");          // of some domains
  const std::shared_ptr<CallKind> job = add("job");          // of some domains
  const std::shared_ptr<CallKind> host = add("host");        // the host, its pools and networks
  prometheus::Counter& reconnects;                           // connections that were lost and made again
};

std::vector<Meters> call_meters();

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_CALL_KINDS_H_
