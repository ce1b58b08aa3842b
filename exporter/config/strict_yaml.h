// SPDX-License-Identifier: Apache-2.0
// YAML read as configuration ought to be: a key that is unknown or there twice is an error with its line.
#ifndef VIRT_EXPORTER_CONFIG_STRICT_YAML_H_
#define VIRT_EXPORTER_CONFIG_STRICT_YAML_H_

#include <yaml-cpp/yaml.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace virt {

// A value of a YAML file. Every function throws std::invalid_argument, "FILE:LINE: what is wrong", where the
// value is of another kind. A value that is left out ("key:") is an empty one of any kind.
class YamlValue {
 public:
  using Use = std::function<void(const YamlValue&)>;

  // The document in `text`, of which errors speak as `file`. An empty one is an empty mapping.
  static YamlValue parse(const std::string& text, const std::string& file);

  // Calls what `fields` has for each key of this mapping.
  void mapping(const std::map<std::string, Use>& fields) const;
  // The values of a mapping whose keys can be anything.
  std::map<std::string, YamlValue> entries() const;
  std::vector<YamlValue> list() const;
  std::string text() const;
  bool boolean(bool by_default) const;
  int integer() const;
  bool empty() const { return node_.IsNull(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_text() const { return node_.IsScalar(); }

  // Throws, with the place of this value and its key.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  YamlValue(const YAML::Node& node, std::string file, int line, std::string key)
      : node_(node), file_(std::move(file)), line_(line), key_(std::move(key)) {}
  YamlValue value_of(const YAML::Node& key, const YAML::Node& value) const;
  const std::string& scalar(const char* kind) const;

  YAML::Node node_;
  std::string file_;
  int line_;  // from 1
  std::string key_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_CONFIG_STRICT_YAML_H_
