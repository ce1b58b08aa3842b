// SPDX-License-Identifier: Apache-2.0
#include "exporter/plugins.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "exporter/abi.h"
#include "exporter/registered.h"

namespace virt {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& reason) {
  throw std::runtime_error("--plugins: " + file + " " + reason);
}

// Code of the file runs as soon as it is loaded, so trust is checked before, and on the opened file: what
// is checked is what is loaded. The descriptor stays open, as the loader tells files apart by its path.
int open_trusted(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0 && errno == ELOOP) refuse(file, "is a symbolic link: give the path of the file itself");
  if (descriptor < 0) refuse(file, "cannot be opened: " + std::system_category().message(errno));
  struct stat status;
  if (fstat(descriptor, &status) != 0) refuse(file, "cannot be examined: " + std::system_category().message(errno));
  if (!S_ISREG(status.st_mode)) refuse(file, "is not a regular file");
  if (status.st_uid != 0 && status.st_uid != geteuid())
    refuse(file,
           "is owned by uid " + std::to_string(status.st_uid) + ": it must be owned by root or by this user (chown)");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) refuse(file, "is writable by group or others: chmod go-w");
  return descriptor;
}

std::string load_error(const std::string& path, const std::string& file) {
  std::string reason = dlerror();
  for (auto at = reason.find(path); at != std::string::npos; at = reason.find(path))
    reason.replace(at, path.size(), file);
  return reason;
}

template <typename Record>
void check_abi(const std::string& file, const Record* newest, const Record* before) {
  for (const Record* record = newest; record != before; record = record->next)
    if (std::string_view{record->abi} != VIRT_EXPORTER_ABI)
      refuse(file, "was built for a different virt_exporter or compiler (" + std::string{record->abi} + "; this is " +
                       VIRT_EXPORTER_ABI + "): rebuild it");
}

void load_plugin(const std::string& file) {
  const auto* const pollsters = registered_pollsters();
  const auto* const sources = registered_sources();
  const std::string path = "/proc/self/fd/" + std::to_string(open_trusted(file));
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr)
    refuse(file, "cannot be loaded: " + load_error(path, file));
  if (registered_pollsters() == pollsters && registered_sources() == sources)
    refuse(file, "registers no pollster and no source: is it a plug-in of virt_exporter?");
  check_abi(file, registered_pollsters(), pollsters);
  check_abi(file, registered_sources(), sources);
}

}  // namespace

void load_plugins(const std::vector<std::string_view>& files) {
  for (const std::string_view file : files) load_plugin(std::string{file});
}

}  // namespace virt
