// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <map>
#include <stdexcept>

#include "tests/support/captured_log.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr char kClouds[] = "clouds: {c: {auth: {auth_url: 'http://k', user_id: u, password: first, project_id: p}}}";

class CloudFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = directory_.write(name, text);
    chmod(path.c_str(), mode);
    return path;
  }

  CloudConfig load(const CloudOptions& options) {
    return load_cloud(options, [this](const std::string& name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional{found->second};
    });
  }

  TemporaryDirectory directory_;
  std::map<std::string, std::string> variables_{{"HOME", directory_.path("")}};
};

TEST_F(CloudFiles, file_of_the_flag_is_read) { EXPECT_EQ(load({"c", write("mine.yaml", kClouds)}).password, "first"); }

TEST_F(CloudFiles, file_and_cloud_of_the_variables_are_read) {
  variables_["OS_CLIENT_CONFIG_FILE"] = write("other.yaml", kClouds);
  variables_["OS_CLOUD"] = "c";
  EXPECT_EQ(load({}).password, "first");
}

TEST_F(CloudFiles, file_in_the_home_directory_is_found) {
  write(".config/openstack/clouds.yaml", kClouds);
  EXPECT_EQ(load({"c", ""}).password, "first");
}

TEST_F(CloudFiles, secure_file_beside_it_is_read) {
  const std::string path = write("a/clouds.yaml", kClouds);
  write("a/secure.yaml", "clouds: {c: {auth: {password: second}}}");
  EXPECT_EQ(load({"c", path}).password, "second");
}

TEST_F(CloudFiles, secure_file_of_the_variable_is_read) {
  variables_["OS_CLIENT_SECURE_FILE"] = write("credential", "clouds: {c: {auth: {password: third}}}");
  EXPECT_EQ(load({"c", write("clouds.yaml", kClouds)}).password, "third");
  variables_["OS_CLIENT_SECURE_FILE"] = "/nowhere/secure";
  EXPECT_THAT(
      [&] {
        load({"c", write("clouds.yaml", kClouds)});
      },
      ThrowsMessage<std::invalid_argument>("/nowhere/secure: No such file or directory"));
}

TEST_F(CloudFiles, variables_are_read_where_no_cloud_is_named) {
  variables_["OS_AUTH_URL"] = "http://k";
  variables_["OS_USER_ID"] = "u";
  variables_["OS_PASSWORD"] = "fourth";
  variables_["OS_PROJECT_ID"] = "p";
  EXPECT_EQ(load({}).password, "fourth");
}

TEST_F(CloudFiles, what_is_not_there_is_refused) {
  EXPECT_THAT([&] { load({}); }, ThrowsMessage<std::invalid_argument>(HasSubstr("no cloud to read: name one")));
  EXPECT_THAT(
      [&] {
        load({"c", "/nowhere/clouds.yaml"});
      },
      ThrowsMessage<std::invalid_argument>("/nowhere/clouds.yaml: No such file or directory"));
  EXPECT_THAT(
      [&] {
        load({"c", write("large.yaml", std::string((1 << 20) + 1, ' '))});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("is larger than a file of clouds can be")));
}

TEST_F(CloudFiles, password_that_all_can_read_is_warned_of) {
  CapturedLog log;
  load({"c", write("private.yaml", kClouds)});
  EXPECT_EQ(log.text(), "");
  const std::string path = write("public.yaml", kClouds, 0644);
  load({"c", path});
  EXPECT_EQ(log.text(), "warning " + path + " holds a password and can be read by every user\n");
}

}  // namespace
}  // namespace virt
