// SPDX-License-Identifier: Apache-2.0
// What the exporter's calls of one scrape cost libvirt's client library, when nobody looks at the answers: below this,
// no exporter that asks for as much can come. Prints, for each of COUNT scrapes, wall and own CPU time in seconds.
#include <libvirt/libvirt.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kLanes = 4;
constexpr unsigned kCheap =
    VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_PERF | VIR_DOMAIN_STATS_MEMORY;
constexpr unsigned kMonitor = VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_BLOCK;
constexpr int kSmallCalls = 16;  // about the host, and for the XML and jobs of the domains whose turn it is

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

virConnectPtr connect(const char* uri) {
  virConnectPtr connection = virConnectOpenReadOnly(uri);
  if (connection == nullptr) std::exit(1);
  return connection;
}

// Which part of the domains is asked over one connection.
struct Lane {
  std::vector<virDomainPtr> domains;

  Lane(virConnectPtr connection, std::size_t number) {
    virDomainPtr* list = nullptr;
    const int count = virConnectListAllDomains(connection, &list, 0);
    for (int i = 0; i < count; ++i)
      if (static_cast<std::size_t>(i) % kLanes == number) domains.push_back(list[i]);
    domains.push_back(nullptr);
  }

  void ask() {
    virDomainStatsRecordPtr* records = nullptr;
    virDomainListGetStats(domains.data(), kMonitor, &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    virDomainStatsRecordListFree(records);
  }
};

void ask_cheap(virConnectPtr connection) {
  virDomainStatsRecordPtr* records = nullptr;
  const int count = virConnectGetAllDomainStats(connection, kCheap, &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
  virTypedParameter times[3];
  for (int i = 0; i < count; ++i) virDomainGetCPUStats(records[i]->dom, times, 3, -1, 1, 0);
  virDomainStatsRecordListFree(records);
  virNodeInfo info;
  for (int i = 0; i < kSmallCalls; ++i) virNodeGetInfo(connection, &info);
}

void ask_all(virConnectPtr connection, std::vector<Lane>& lanes) {
  ask_cheap(connection);
  std::vector<std::thread> threads;
  for (Lane& lane : lanes) threads.emplace_back([&lane] { lane.ask(); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: bare_calls URI COUNT\n"), 1;
  virConnectPtr connection = connect(argv[1]);
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes.emplace_back(connect(argv[1]), i);
  for (int i = std::atoi(argv[2]); i > 0; --i) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    ask_all(connection, lanes);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%.6f %.6f\n", wall.count(), cpu_seconds() - cpu);
  }
}
