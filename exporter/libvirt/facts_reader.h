// SPDX-License-Identifier: Apache-2.0
// The facts of domains, from their XML, which is read apart from everything else: since libvirt 11.0 that takes the
// domain's job, and so waits where another call holds the domain, for a guest that is frozen.
#ifndef VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_
#define VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/facts_cache.h"
#include "exporter/libvirt/xml_call.h"
#include "exporter/process/log.h"
#include "exporter/threads/inbox.h"
#include "exporter/threads/thread_pool.h"

namespace virt {

// One call reads at a time, over a connection of its own. If it hangs in a domain, it is left behind there, and another
// one reads the rest: so a domain that hangs costs its own facts and nobody else's. That domain is not asked again
// until its call comes back. At most kCalls are out: if all of them hang, what is known has to do until one comes back.
// Used by the thread that runs the inbox's reports, and never waits.
class FactsReader {
 public:
  using Time = FactsCache::Time;

  static constexpr std::size_t kCalls = 2;

  struct Options {
    std::string uri;
    std::chrono::duration<double> refresh{60};  // within this time the XML of each domain is read again
    std::chrono::duration<double> patience{1};  // longer in one domain, and a call is left behind
  };
  // What is the source's, and lives longer.
  struct Means {
    ThreadPool& threads;
    std::shared_ptr<Inbox> inbox;
    const CallKinds& kinds;
    LogOnce& log;
  };

  FactsReader(Options options, Means means)
      : options_(std::move(options)), means_(std::move(means)), cache_(options_.refresh) {}
  ~FactsReader() { drop_lane(); }
  FactsReader(const FactsReader&) = delete;
  FactsReader& operator=(const FactsReader&) = delete;

  // libvirt was lost: changes may have been missed.
  void outdate_all(Time now);

  // A read begins: the XML of these domains has changed since the last one. Whatever is still out is not of it.
  void begin_read(const FactsCache::Uuids& changed, Time now);
  // It found these domains: gives them the facts that are known, and begins to read what is not.
  void begin(std::vector<Domain>& domains);

  // What this read began is out; wake() is when to tend() it.
  bool is_awaited() const { return reading() != nullptr && reading()->asked == now_; }
  Time wake(Time now) const;
  // Leaves a call behind that hangs.
  void tend(Time now);

  // Gives these domains what came since begin().
  void give(std::vector<Domain>& domains);

  std::size_t calls_left_behind() const { return calls_.size() - (reading() != nullptr ? 1 : 0); }

 private:
  struct Call {
    std::shared_ptr<XmlCall> xml;
    Time asked;
    bool is_late = false;
  };

  const Call* reading() const;
  void start(std::vector<WantedXml> wanted, Time asked);
  void keep(const Call& call);
  void finish(const std::shared_ptr<XmlCall>& xml);
  void drop_lane();

  const Options options_;
  const Means means_;
  FactsCache cache_;
  Time now_{};                     // when the last read began
  std::vector<Call> calls_;        // that are out
  std::shared_ptr<XmlLane> lane_;  // of none of them; may be null
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_
