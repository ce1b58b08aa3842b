// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/plugin_settings.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::Eq;
using testing::Optional;
using testing::ThrowsMessage;

TEST(PluginSettings, each_name_has_its_own) {
  const PluginSettings settings{"acme.gpu:device=/dev/a:b=c, acme.gpu:limit=3,other:device="};
  EXPECT_THAT(settings.of("acme.gpu").get("device"), Optional(Eq("/dev/a:b=c")));
  EXPECT_THAT(settings.of("acme.gpu").get("limit"), Optional(Eq("3")));
  EXPECT_THAT(settings.of("other").get("device"), Optional(Eq("")));
  EXPECT_EQ(settings.of("nobody").get("device"), std::nullopt);
  EXPECT_NO_THROW(settings.check_all_are_known());
}

TEST(PluginSettings, entry_of_another_form_is_refused) {
  for (const char* entry : {"acme", "acme:key", "acme=1", ":key=1", "acme:=1"})
    EXPECT_THAT(
        [&] { PluginSettings{entry}; },
        ThrowsMessage<std::invalid_argument>("--plugin_settings: '" + std::string{entry} + "' is not NAME:KEY=VALUE"))
        << entry;
}

TEST(PluginSettings, key_that_is_set_twice_is_refused) {
  EXPECT_THAT([] { PluginSettings{"a:k=1,a:k=2"}; },
              ThrowsMessage<std::invalid_argument>("--plugin_settings: a:k is set twice"));
}

TEST(PluginSettings, what_nobody_asks_for_is_refused) {
  const PluginSettings settings{"acme:file=1"};
  EXPECT_THAT(
      [&] { settings.check_all_are_known(); },
      ThrowsMessage<std::invalid_argument>("--plugin_settings: there is no pollster or source 'acme' that is in use"));
  settings.of("acme").get("path");
  EXPECT_THAT([&] { settings.check_all_are_known(); },
              ThrowsMessage<std::invalid_argument>("--plugin_settings: acme has no setting 'file'"));
}

}  // namespace
}  // namespace virt
