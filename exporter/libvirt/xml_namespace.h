// SPDX-License-Identifier: Apache-2.0
// Elements by their namespaces, which pugixml does not know.
#ifndef VIRT_EXPORTER_LIBVIRT_XML_NAMESPACE_H_
#define VIRT_EXPORTER_LIBVIRT_XML_NAMESPACE_H_

#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace virt {

// "instance" of <nova:instance>.
inline std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
}

// The URI of the element's prefix, which is declared on it or above it; empty if it is not.
inline std::string_view namespace_of(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  const std::string declaration =
      colon == std::string_view::npos ? "xmlns" : "xmlns:" + std::string{name.substr(0, colon)};
  for (pugi::xml_node scope = node; scope; scope = scope.parent())
    if (const auto uri = scope.attribute(declaration.c_str())) return uri.value();
  return {};
}

// The first child of that local name.
inline pugi::xml_node local_child(const pugi::xml_node& node, std::string_view name) {
  return node.find_child([&](const pugi::xml_node& candidate) { return local_name(candidate) == name; });
}

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_XML_NAMESPACE_H_
