// SPDX-License-Identifier: Apache-2.0
// From a snapshot to the text of it, plain and compressed, and what is counted over time: what a scrape costs beside
// libvirt.
#include <benchmark/benchmark.h>

#include <memory>

#include "exporter/http/gzip.h"
#include "exporter/http/http_instruments.h"
#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/libvirt_source.h"
#include "exporter/scraper.h"
#include "exporter/text/collected.h"
#include "exporter/text/families.h"
#include "tests/support/synthetic.h"

namespace virt {
namespace {

// Hands out one snapshot for ever, without copying it.
class Fixture {
 public:
  explicit Fixture(std::size_t domains)
      : snapshot_(synthetic_snapshot(domains)),
        pollsters_(choose_pollsters(make_pollsters(), "compute.*", {libvirt_source({"test:///default"})})) {}

  std::size_t render(const Sink& sink) const {
    std::size_t samples = 0;
    Pieces pieces{sink};
    for (const NamedPollster& pollster : pollsters_) {
      const Counters counters = pollster.pollster->counters(snapshot_);
      samples += counters.size();
      write_families(pollster.meters, counters, labels_, pieces);
    }
    pieces.finish();
    return samples;
  }

 private:
  const Snapshot snapshot_;
  const std::vector<NamedPollster> pollsters_;
  const DomainLabels labels_;
};

void report(benchmark::State& state, std::size_t samples, std::size_t bytes) {
  state.counters["samples"] = static_cast<double>(samples);
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["ns/sample"] = benchmark::Counter(
      static_cast<double>(samples) * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void plain(benchmark::State& state) {
  const Fixture fixture{static_cast<std::size_t>(state.range(0))};
  std::size_t samples = 0, bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    samples = fixture.render([&](const Piece& piece) { bytes += piece.size; });
  }
  report(state, samples, bytes);
}

void compressed(benchmark::State& state) {
  const Fixture fixture{static_cast<std::size_t>(state.range(0))};
  std::size_t samples = 0, bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    Gzip gzip{[&](std::string_view text) { bytes += text.size(); }};
    samples = fixture.render([&](const Piece& piece) { gzip.write(piece.text()); });
    gzip.finish();
  }
  report(state, samples, bytes);
}

// What is counted over time, after some of it has happened.
void instruments(benchmark::State& state) {
  const Instruments instruments;
  const HttpInstruments http{instruments};
  const CallKinds calls{instruments};
  for (const int status : {200, 401, 503}) http.answered("/metrics", status, std::chrono::milliseconds{300});
  http.answered("/-/healthy", 200, std::chrono::milliseconds{1});
  http.refused(404);
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    Pieces pieces{[&](const Piece& piece) { bytes += piece.size; }};
    write_collected(instruments.collect(), pieces);
    pieces.finish();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

BENCHMARK(instruments)->Unit(benchmark::kMicrosecond);
BENCHMARK(plain)->RangeMultiplier(10)->Range(100, 10000)->Unit(benchmark::kMillisecond);
BENCHMARK(compressed)->RangeMultiplier(10)->Range(100, 10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace virt
