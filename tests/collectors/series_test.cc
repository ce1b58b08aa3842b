// SPDX-License-Identifier: Apache-2.0
// How many series a guest has, by pollster: what collectors/METRICS.md says of it is what comes out.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "exporter/registry.h"
#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

struct Devices {
  int vcpus = 1, disks = 1, nics = 1;
};

std::string read_file(const std::string& path) {
  std::ifstream file{std::string{VIRT_EXPORTER_SOURCE} + "/" + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The line once for each of `count` devices, if it is one of the first's.
std::string repeated(const std::string& line, const std::string& group, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += replaced(line, group + ".0.", group + "." + std::to_string(i) + ".") + "\n";
  return text;
}

// What libvirt 9.0 with QEMU 7.2 says of a guest of KVM that reports its memory, with so many devices.
std::string domstats(const Devices& devices) {
  std::string text;
  std::istringstream lines{read_file("tests/collectors/kvm_guest.domstats")};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  vcpu.0."))
      text += repeated(line, "vcpu", devices.vcpus);
    else if (line.starts_with("  placement.0."))
      text += repeated(line, "placement", devices.vcpus);
    else if (line == "  block.0.name=vda" || line == "  net.0.name=vnet0")
      for (int i = 0; i < (line.find("vda") == std::string::npos ? devices.nics : devices.disks); ++i)
        text += replaced(line, ".0.", "." + std::to_string(i) + ".") + std::to_string(i) + "\n";
    else if (line.starts_with("  block.0."))
      text += repeated(line, "block", devices.disks);
    else if (line.starts_with("  net.0."))
      text += repeated(line, "net", devices.nics);
    else
      text += line + "\n";
  }
  return text;
}

// Of an instance of Nova.
std::string xml(const Devices& devices) {
  const std::string instance = read_file("tests/golden/instance-00000001.xml");
  std::string disks, nics;
  for (int i = 0; i < devices.disks; ++i)
    disks += "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a.img'/><target dev='vda" +
             std::to_string(i) + "' bus='virtio'/></disk>";
  for (int i = 0; i < devices.nics; ++i)
    nics += "<interface type='bridge'><mac address='52:54:00:00:02:0" + std::to_string(i) +
            "'/><source bridge='br0'/><target dev='vnet0" + std::to_string(i) + "'/></interface>";
  const auto devices_end = instance.find("</devices>");
  return instance.substr(0, instance.find("<disk ")) + disks + nics +
         instance.substr(instance.find("<memballoon"), devices_end - instance.find("<memballoon")) +
         instance.substr(devices_end);
}

int count(const std::string& pollster, const Devices& devices) {
  const std::string text = samples_only(expose(pollster, snapshot_of(domstats(devices), {{"guest", xml(devices)}})));
  std::istringstream lines{text};
  int series = 0;
  for (std::string line; std::getline(lines, line);)
    series += line.find("domain=\"guest\"") != std::string::npos || line.starts_with("ceilometer_") ? 1 : 0;
  return series;
}

struct Series {
  int guest = 0, vcpu = 0, disk = 0, nic = 0;

  int all(const Devices& devices) const {
    return guest + vcpu * devices.vcpus + disk * devices.disks + nic * devices.nics;
  }
  Series operator+(const Series& other) const {
    return {guest + other.guest, vcpu + other.vcpu, disk + other.disk, nic + other.nic};
  }
};

Series series_of(const std::string& pollster) {
  const int one = count(pollster, {});
  Series series{0, count(pollster, {2, 1, 1}) - one, count(pollster, {1, 2, 1}) - one,
                count(pollster, {1, 1, 2}) - one};
  series.guest = one - series.vcpu - series.disk - series.nic;
  return series;
}

constexpr Devices kUsual{4, 1, 1};

std::string row(const std::string& title, const Series& series) {
  std::string text = "| " + title + " |";
  for (const int number : {series.guest, series.vcpu, series.disk, series.nic, series.all(kUsual)})
    text += " " + std::to_string(number) + " |";
  return text + "\n";
}

// Those of libvirt that have any.
std::map<std::string, Series> all_series(bool by_default) {
  std::map<std::string, Series> all;
  for (const NamedPollster& pollster : make_pollsters()) {
    if (pollster.source != Snapshot::kSource || pollster.by_default != by_default) continue;
    const Series series = series_of(pollster.name);
    if (series.all(kUsual) > 0) all[pollster.name] = series;
  }
  return all;
}

Series sum_by_default() {
  Series sum;
  for (const auto& [name, series] : all_series(true)) sum = sum + series;
  return sum;
}

TEST(Series, a_guest_of_kvm_with_four_vcpus_has_at_most_ninety_by_default) {
  EXPECT_LE(sum_by_default().all(kUsual), 90);
}

// The table is in tests/checks/metrics.
TEST(Series, of_a_guest_are_as_many_as_the_page_says) {
  std::string table =
      "| pollster | guest | + vCPU | + disk | + NIC | 4 vCPUs, 1 disk, 1 NIC |\n|---|---|---|---|---|---|\n";
  for (const auto& [name, series] : all_series(true)) table += row("`" + name + "`", series);
  table += row("**all that are on by default**", sum_by_default());
  for (const auto& [name, series] : all_series(false)) table += row("`" + name + "`, off by default", series);
  EXPECT_THAT(read_file("collectors/METRICS.md"), testing::HasSubstr(table));
}

}  // namespace
}  // namespace virt
