// SPDX-License-Identifier: Apache-2.0
// What libvirt's headers define, as text: the enums end in ..._LAST for who asks, but only their names tell what is
// new.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_LIBVIRT_HEADER_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_LIBVIRT_HEADER_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace virt {

// The headers that the tests are built with, or those in the folder that the environment variable
// VIRT_EXPORTER_LIBVIRT_HEADERS names.
class LibvirtHeaders {
 public:
  LibvirtHeaders();

  // The members of an enum in their order, without its sentinel; none where it is not known.
  std::vector<std::string> names(const std::string& type) const;
  // The same with their numbers.
  std::vector<std::pair<std::string, int>> members(const std::string& type) const;
  // The macros that begin with `prefix` and are text.
  std::map<std::string, std::string> texts(const std::string& prefix) const;
  // The parameters of a callback's type, in one line; "" where it is not known.
  std::string parameters(const std::string& callback) const;

 private:
  std::vector<std::pair<std::string, std::string>> declarations(const std::string& type) const;

  std::string text_;  // of all headers, without comments
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_LIBVIRT_HEADER_H_
