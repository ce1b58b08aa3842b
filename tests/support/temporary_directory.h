// SPDX-License-Identifier: Apache-2.0
// A directory of its own for a test; it goes with everything in it.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace virt {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string form = (std::filesystem::temp_directory_path() / "virt_exporter.XXXXXX").string();
    if (mkdtemp(form.data()) == nullptr) throw std::runtime_error("cannot make " + form);
    path_ = form;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  // Writes a file, and the directories it lies in; returns its path.
  std::string write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name} << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
