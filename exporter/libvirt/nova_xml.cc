// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/nova_xml.h"

#include <ctime>
#include <string_view>

#include "exporter/libvirt/xml_namespace.h"
#include "exporter/libvirt/xml_number.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

using pugi::xml_node;

constexpr std::string_view kNamespace = "http://openstack.org/xmlns/libvirt/nova/1.";

std::string text(const xml_node& node, std::string_view name) { return local_child(node, name).text().get(); }

// "2024-05-31 09:15:42", in UTC.
std::optional<double> parse_time(const std::string& text) {
  std::tm time{};
  const char* end = strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<double>(timegm(&time));
}

class NovaParser {
 public:
  explicit NovaParser(std::vector<std::string>& problems) : problems_(problems) {}

  Nova parse(const xml_node& instance) {
    const xml_node owner = local_child(instance, "owner"), root = local_child(instance, "root");
    Nova nova;
    nova.name = text(instance, "name");
    nova.version = local_child(instance, "package").attribute("version").value();
    nova.user_id = local_child(owner, "user").attribute("uuid").value();
    nova.user_name = text(owner, "user");
    nova.project_id = local_child(owner, "project").attribute("uuid").value();
    nova.project_name = text(owner, "project");
    nova.root_type = root.attribute("type").value();
    if (nova.root_type == "image") nova.image_id = root.attribute("uuid").value();
    parse_flavor(local_child(instance, "flavor"), nova);
    parse_written(text(instance, "creationTime"), nova);
    for (const xml_node& port : local_child(instance, "ports").children()) parse_port(port, nova);
    return nova;
  }

 private:
  void parse_flavor(const xml_node& flavor, Nova& nova) {
    StatsBuilder numbers;
    nova.flavor_id = flavor.attribute("id").value();
    nova.flavor_name = flavor.attribute("name").value();
    for (const char* key : {"vcpus", "memory", "disk", "ephemeral", "swap"}) {
      const std::string value = text(flavor, key);
      if (const auto number = xml_number(value))
        numbers.add(key, *number);
      else if (!value.empty())
        problems_.push_back("Nova's metadata: " + std::string{key} + " of the flavor is not a number");
    }
    nova.flavor = numbers.build();
  }

  void parse_written(const std::string& time, Nova& nova) {
    nova.written = parse_time(time);
    if (!nova.written && !time.empty()) problems_.emplace_back("Nova's metadata: creationTime is not a time");
  }

  static void parse_port(const xml_node& port, Nova& nova) {
    for (const xml_node& ip : port.children())
      nova.addresses.push_back(NovaAddress{port.attribute("uuid").value(), ip.attribute("address").value(),
                                           ip.attribute("ipVersion").value(), ip.attribute("type").value()});
  }

  std::vector<std::string>& problems_;
};

}  // namespace

std::optional<Nova> parse_nova(const xml_node& metadata, std::vector<std::string>& problems) {
  for (const xml_node& node : metadata.children()) {
    if (local_name(node) != "instance" || !namespace_of(node).starts_with(kNamespace)) continue;
    Nova nova = NovaParser{problems}.parse(node);
    if (!nova.name.empty() || !nova.project_id.empty() || !nova.flavor_name.empty()) return nova;
    problems.emplace_back("Nova's metadata is ignored, because it has no name, project or flavor");
  }
  return std::nullopt;
}

}  // namespace virt
