// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_files.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "exporter/process/log.h"

namespace virt {
namespace {

// A file of clouds is a few kilobytes.
constexpr std::size_t kMaxSize = 1 << 20;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file{path};
  if (!file) return std::nullopt;
  std::string text(kMaxSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxSize) throw std::invalid_argument(path + ": is larger than a file of clouds can be");
  return text;
}

std::vector<std::string> usual_folders(const Environment& variables) {
  std::vector<std::string> folders{"."};
  if (const auto config = variables("XDG_CONFIG_HOME"))
    folders.push_back(*config + "/openstack");
  else if (const auto home = variables("HOME"))
    folders.push_back(*home + "/.config/openstack");
  folders.emplace_back("/etc/openstack");
  return folders;
}

// The first of these files that is there, or an empty one.
CloudsFile find(const std::vector<std::string>& paths) {
  for (const std::string& path : paths)
    if (auto text = read_file(path)) return {*std::move(text), path};
  return {};
}

std::vector<std::string> places(const std::string& name, const std::vector<std::string>& folders) {
  std::vector<std::string> paths;
  for (const std::string& folder : folders)
    for (const char* ending : {".yaml", ".yml", ".json"}) paths.push_back(folder + "/" + name + ending);
  return paths;
}

CloudsFile find_clouds(const CloudOptions& options, const Environment& variables) {
  const std::string given = options.file.empty() ? variables("OS_CLIENT_CONFIG_FILE").value_or("") : options.file;
  auto file = find(given.empty() ? places("clouds", usual_folders(variables)) : std::vector{given});
  if (!file.name.empty()) return file;
  if (!given.empty()) throw std::invalid_argument(given + ": " + std::strerror(errno));
  throw std::invalid_argument(
      "no clouds.yaml in the working directory, ~/.config/openstack or /etc/openstack; name it "
      "with --os_client_config_file");
}

// Beside clouds.yaml, or in a usual place.
CloudsFile find_secure(const std::string& clouds, const Environment& variables) {
  if (const auto given = variables("OS_CLIENT_SECURE_FILE")) {
    auto file = find({*given});
    if (file.name.empty()) throw std::invalid_argument(*given + ": " + std::strerror(errno));
    return file;
  }
  auto folders = usual_folders(variables);
  if (const auto slash = clouds.rfind('/'); slash != std::string::npos)
    folders.insert(folders.begin(), clouds.substr(0, slash));
  return find(places("secure", folders));
}

void warn_if_public(const CloudsFile& file) {
  const bool has_secret =
      file.text.find("password:") != std::string::npos || file.text.find("_secret:") != std::string::npos;
  struct stat status {};
  if (has_secret && stat(file.name.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    spdlog::warn("{} holds a password and can be read by every user", one_line(file.name));
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

CloudConfig load_cloud(const CloudOptions& options, const Environment& variables) {
  const std::string name = options.cloud.empty() ? variables("OS_CLOUD").value_or("") : options.cloud;
  if (name.empty() && variables("OS_AUTH_URL")) return cloud_of_variables(variables);
  if (name.empty())
    throw std::invalid_argument(
        "no cloud to read: name one of clouds.yaml with --os_cloud or OS_CLOUD, or set "
        "OS_AUTH_URL and the other variables of OpenStack's clients");
  const CloudsFile clouds = find_clouds(options, variables), secure = find_secure(clouds.name, variables);
  warn_if_public(clouds);
  warn_if_public(secure);
  return parse_cloud(clouds, secure, name);
}

}  // namespace virt
