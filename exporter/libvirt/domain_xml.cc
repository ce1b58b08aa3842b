// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_xml.h"

#include <algorithm>
#include <cstring>
#include <pugixml.hpp>

#include "exporter/libvirt/nova_xml.h"
#include "exporter/libvirt/xml_namespace.h"
#include "exporter/libvirt/xml_number.h"
#include "exporter/stats_builder.h"
#include "exporter/text/utf8.h"

namespace virt {
namespace {

using pugi::xml_node;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLibosinfo = "http://libosinfo.org/xmlns/libvirt/domain/1.";

// <memory unit='KiB'>: libvirt always writes KiB; other units come from files of the test driver.
std::optional<double> kibibytes(const xml_node& node) {
  static constexpr struct {
    std::string_view unit;
    double kibibytes;
  } kUnits[] = {{"", 1},
                {"KiB", 1},
                {"k", 1},
                {"MiB", 1024},
                {"M", 1024},
                {"GiB", 1024 * 1024},
                {"G", 1024 * 1024},
                {"b", 1.0 / 1024},
                {"bytes", 1.0 / 1024}};
  const auto value = xml_number(node.text().get());
  for (const auto& [unit, scale] : kUnits)
    if (value && unit == node.attribute("unit").value()) return *value * scale;
  return std::nullopt;
}

// `text` as one line, which ends in an ellipsis where it was cut.
std::string one_line(std::string_view text) {
  constexpr std::size_t kLongest = 256;
  constexpr std::string_view kEllipsis = "\u2026";
  std::string line;
  for (const char c : text.substr(0, text.find_last_not_of(kBlanks) + 1)) {
    if (line.size() > kLongest) break;
    if (kBlanks.find(c) == std::string_view::npos)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  if (line.size() <= kLongest) return line;
  return std::string{cut(line, kLongest - kEllipsis.size())}.append(kEllipsis);
}

// Libosinfo's id in <metadata>.
std::string parse_os(const xml_node& metadata) {
  for (const xml_node& node : metadata.children())
    if (local_name(node) == "libosinfo" && namespace_of(node).starts_with(kLibosinfo))
      return one_line(local_child(node, "os").attribute("id").value());
  return {};
}

// Adds a number under libvirt's own key if the XML has it.
void add(StatsBuilder& stats, std::string_view key, std::optional<double> number) {
  if (number) stats.add(key, *number);
}

// Of an <iotune> or a <throttlegroup>.
Stats parse_limits(const xml_node& node) {
  StatsBuilder limits;
  for (const xml_node& limit : node.children()) add(limits, limit.name(), xml_number(limit.text().get()));
  return limits.build();
}

// The PCI address in <source>, as the kernel writes it: libvirt has 0x0000, 0x01, 0x00, 0x0. Empty if there is none.
std::string parse_pci_address(const xml_node& source) {
  const xml_node address = source.child("address");
  const auto part = [&](const char* name) {
    const std::string_view text = address.attribute(name).value();
    return std::string{text.substr(text.starts_with("0x") ? 2 : 0)};
  };
  if (part("slot").empty()) return {};
  return part("domain") + ":" + part("bus") + ":" + part("slot") + "." + part("function");
}

std::string parse_host(const xml_node& host) {
  if (const auto socket = host.attribute("socket")) return socket.value();
  std::string text = host.attribute("name").value();
  if (text.find(':') != std::string::npos) text = "[" + text + "]";
  if (const auto port = host.attribute("port")) text.append(":").append(port.value());
  return text;
}

// The values that `parse` has of the children `name` of `node`, separated by commas.
template <typename Parse>
std::string parse_list(const xml_node& node, const char* name, Parse parse) {
  std::string list;
  for (const xml_node& child : node.children(name)) list.append(list.empty() ? "" : ",").append(parse(child));
  return list;
}

// A drive that has lost its medium may keep a <source> that says only what to do at the next start.
bool names_a_medium(const xml_node& source) {
  return std::any_of(source.attributes_begin(), source.attributes_end(), [](const pugi::xml_attribute& attribute) {
    const std::string_view name = attribute.name();
    return name != "startupPolicy" && name != "index";
  });
}

void parse_source(const xml_node& source, Disk& disk) {
  disk.has_source = names_a_medium(source);
  for (const char* path : {"file", "dev", "dir", "path"})
    if (const auto attribute = source.attribute(path)) disk.source_file = attribute.value();
  disk.source_protocol = source.attribute("protocol").value();
  disk.source_name = source.attribute("name").as_string(source.attribute("volume").value());
  disk.source_hosts = parse_list(source, "host", parse_host);
  disk.source_pool = source.attribute("pool").value();
  disk.source_pci_address = parse_pci_address(source);
  disk.source_namespace = source.attribute("namespace").value();
}

bool is_whole_file(const xml_node& disk) {
  const xml_node source = disk.child("source");
  return std::string_view{disk.attribute("type").value()} == "file" &&
         std::string_view{disk.child("driver").attribute("type").value()} == "raw" && !disk.child("encryption") &&
         !source.child("encryption") && !source.child("slices");
}

Disk parse_disk(const xml_node& node) {
  const xml_node driver = node.child("driver"), target = node.child("target");
  Disk disk;
  disk.target = target.attribute("dev").value();
  disk.bus = target.attribute("bus").value();
  disk.type = node.attribute("type").value();
  disk.device = node.attribute("device").as_string("disk");
  disk.serial = node.child("serial").text().get();
  disk.driver_name = driver.attribute("name").value();
  disk.driver_type = driver.attribute("type").value();
  disk.driver_cache = driver.attribute("cache").value();
  disk.driver_discard = driver.attribute("discard").value();
  parse_source(node.child("source"), disk);
  disk.is_whole_file = is_whole_file(node);
  disk.limits = parse_limits(node.child("iotune"));
  for (const xml_node& filter : node.child("throttlefilters").children("throttlefilter"))
    disk.throttle_groups.emplace_back(filter.attribute("group").value());
  return disk;
}

Interface parse_interface(const xml_node& node) {
  const xml_node source = node.child("source");
  Interface interface;
  interface.type = node.attribute("type").value();
  interface.target = node.child("target").attribute("dev").value();
  interface.mac = node.child("mac").attribute("address").value();
  interface.current_mac = node.child("mac").attribute("currentAddress").value();
  interface.model = node.child("model").attribute("type").value();
  interface.mtu = node.child("mtu").attribute("size").value();
  interface.source_bridge = source.attribute("bridge").value();
  interface.source_network = source.attribute("network").value();
  interface.source_device = source.attribute("dev").as_string(source.attribute("path").value());
  interface.source_pci_address = parse_pci_address(source);
  interface.virtual_interface = node.child("virtualport").child("parameters").attribute("interfaceid").value();
  interface.vlan =
      parse_list(node.child("vlan"), "tag", [](const xml_node& tag) { return tag.attribute("id").value(); });
  interface.filter = node.child("filterref").attribute("filter").value();
  interface.link_up = std::strcmp(node.child("link").attribute("state").value(), "down") != 0;
  return interface;
}

Stats parse_defaults(const xml_node& domain) {
  StatsBuilder defaults;
  const xml_node vcpu = domain.child("vcpu");
  const auto maximum = xml_number(vcpu.text().get());
  const auto current = xml_number(vcpu.attribute("current").value());
  add(defaults, "vcpu.current", current ? current : maximum);
  add(defaults, "vcpu.maximum", maximum);
  const auto memory = kibibytes(domain.child("memory"));
  const auto current_memory = kibibytes(domain.child("currentMemory"));
  add(defaults, "balloon.current", current_memory ? current_memory : memory);
  add(defaults, "balloon.maximum", memory);
  return defaults.build();
}

bool has_cpu_monitors(const xml_node& tuning) {
  const auto children = tuning.children();
  return std::any_of(children.begin(), children.end(), [](const xml_node& tuned) {
    const std::string_view name = tuned.name();
    return (name == "cachetune" || name == "energytune") && tuned.child("monitor");
  });
}

// period='0', like no period, means that the guest never reports.
Stats parse_balloon(const xml_node& device) {
  StatsBuilder balloon;
  const auto period = xml_number(device.child("stats").attribute("period").value());
  if (period && *period > 0) balloon.add("period", *period);
  return balloon.build();
}

}  // namespace

DomainFacts parse_domain_xml(std::string_view xml, std::vector<std::string>& problems) {
  DomainFacts facts;
  pugi::xml_document document;
  const auto result = document.load_buffer(xml.data(), xml.size());
  const xml_node domain = document.child("domain");
  if (!result || !domain) {
    problems.push_back(std::string{"cannot parse its XML: "} +
                       (result ? "there is no <domain> element" : result.description()));
    return facts;
  }
  const xml_node type = domain.child("os").child("type"), devices = domain.child("devices");
  facts.title = one_line(domain.child("title").text().get());
  facts.description = one_line(domain.child("description").text().get());
  facts.os = parse_os(domain.child("metadata"));
  facts.os_type = type.text().get();
  facts.arch = type.attribute("arch").value();
  facts.machine = type.attribute("machine").value();
  facts.defaults = parse_defaults(domain);
  facts.has_cpu_monitors = has_cpu_monitors(domain.child("cputune"));
  facts.has_iothreads = xml_number(domain.child("iothreads").text().get()).value_or(0) > 0;
  facts.balloon = parse_balloon(devices.child("memballoon"));
  for (const xml_node& disk : devices.children("disk")) facts.disks.push_back(parse_disk(disk));
  for (const xml_node& group : domain.child("throttlegroups").children("throttlegroup"))
    facts.throttle_groups.push_back({group.child("group_name").text().get(), parse_limits(group)});
  for (const xml_node& nic : devices.children("interface")) facts.interfaces.push_back(parse_interface(nic));
  facts.nova = parse_nova(domain.child("metadata"), problems);
  return facts;
}

}  // namespace virt
