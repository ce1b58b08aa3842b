// SPDX-License-Identifier: Apache-2.0
// What libvirt itself costs: one bulk call for all domains with the groups that the exporter asks for.
// Prints, for each of COUNT calls, wall and own CPU time in seconds.
#include <libvirt/libvirt.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: bulk_call URI COUNT\n"), 1;
  virConnectPtr connection = virConnectOpenReadOnly(argv[1]);
  if (connection == nullptr) return 1;
  constexpr unsigned kGroups = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |
                               VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK |
                               VIR_DOMAIN_STATS_MEMORY;
  for (int i = std::atoi(argv[2]); i > 0; --i) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    virDomainStatsRecordPtr* records = nullptr;
    if (virConnectGetAllDomainStats(connection, kGroups, &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT) < 0)
      return 1;
    virDomainStatsRecordListFree(records);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%.6f %.6f\n", wall.count(), cpu_seconds() - cpu);
  }
  virConnectClose(connection);
}
