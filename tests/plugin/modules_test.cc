// SPDX-License-Identifier: Apache-2.0
// The real program with the modules of this directory, which the CTest fixture "plugins" builds.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/http_client.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

constexpr char kUri[] = "--libvirt_uri=test:///default";

class PluginModules : public testing::Test {
 protected:
  // A copy that nobody else can write, whatever the builder's umask.
  std::string module(const std::string& name) const {
    const std::string copy = directory.path(name + ".so");
    std::filesystem::copy_file(VIRT_EXPORTER_BUILD "/tests/plugin/build/" + name + ".so", copy);
    std::filesystem::permissions(copy, std::filesystem::perms{0755});
    return copy;
  }

  void expect_refused(const std::string& name, const std::string& reason) const {
    const std::string file = module(name);
    const Ended ended = run_program({"--plugins=" + file, "--once", kUri});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.out, IsEmpty());
    EXPECT_THAT(ended.err, MatchesRegex("virt_exporter: [^\n]*\n"));
    EXPECT_THAT(ended.err, HasSubstr(reason));
  }

  const TemporaryDirectory directory;
};

TEST_F(PluginModules, pollster_of_a_plug_in_is_scraped_like_any_other) {
  const Ended ended = run_program({"--plugins=" + module("uptime"), "--once", kUri});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_THAT(ended.out, HasSubstr("\n# TYPE acme_domain_uptime_at_least_seconds gauge\n"
                                   "acme_domain_uptime_at_least_seconds{domain=\"test\"} "));
  EXPECT_THAT(ended.out, HasSubstr("\nvirt_scrape_pollster_success{pollster=\"acme.uptime\"} 1\n"));
  EXPECT_THAT(ended.out, HasSubstr("\nvirt_scrape_pollster_success{pollster=\"compute.cpu\"} 1\n"));
}

TEST_F(PluginModules, pollster_of_a_plug_in_is_listed_and_chosen_like_any_other) {
  const std::string plugins = "--plugins=" + module("uptime");
  EXPECT_THAT(run_program({plugins, "--list_pollsters"}).out, HasSubstr("acme.uptime\ton\n"));
  EXPECT_THAT(run_program({plugins, "--list_meters"}).out,
              HasSubstr("acme_domain_uptime_at_least_seconds\tgauge\tacme.uptime\tMinimum uptime of the domain"));
  const std::string chosen = run_program({plugins, "--pollsters=acme.*", "--once", kUri}).out;
  EXPECT_THAT(chosen, AllOf(HasSubstr("acme_domain_uptime"), Not(HasSubstr("libvirt_domain"))));
  EXPECT_THAT(run_program({plugins, "--pollsters=!acme.*", "--once", kUri}).out, Not(HasSubstr("acme")));
}

TEST_F(PluginModules, source_of_a_plug_in_is_read_and_libvirt_is_not_opened_for_it) {
  const std::string file = directory.write("gpus", "0 64.5\n3 71\n");
  const Ended ended = run_program({"--plugins=" + module("gpu"), "--plugin_settings=acme_gpus:file=" + file,
                                   "--pollsters=acme.*", "--libvirt_uri=qemu:///nowhere", "--once"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("\nacme_gpu_temperature_celsius{gpu=\"0\"} 64.5\n"
                                   "acme_gpu_temperature_celsius{gpu=\"3\"} 71\n"));
  EXPECT_THAT(ended.out, HasSubstr("\nvirt_source_up{source=\"acme_gpus\"} 1\n"));
  EXPECT_THAT(ended.out, HasSubstr("\nvirt_source_read_duration_seconds{source=\"acme_gpus\"} "));
  EXPECT_THAT(ended.out, Not(HasSubstr("libvirt_up")));
}

TEST_F(PluginModules, source_that_cannot_be_read_costs_its_own_counters) {
  const Ended ended =
      run_program({"--plugins=" + module("gpu"), "--plugin_settings=acme_gpus:file=/nonexistent", kUri, "--once"});
  EXPECT_EQ(ended.status, 1) << "one of the sources is not up";
  EXPECT_THAT(ended.err, HasSubstr("warning acme_gpus: cannot open /nonexistent\n"));
  EXPECT_THAT(ended.out, AllOf(HasSubstr("\nvirt_source_up{source=\"acme_gpus\"} 0\n"), HasSubstr("\nlibvirt_up 1\n"),
                               HasSubstr("\nlibvirt_domains 1\n"), Not(HasSubstr("\nacme_gpu_temperature"))));
}

TEST_F(PluginModules, source_that_hangs_costs_its_own_counters_and_no_scrape) {
  const std::string pipe = directory.path("gpus");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);  // to open it waits for a writer
  Program program{{"--plugins=" + module("gpu"), "--plugin_settings=acme_gpus:file=" + pipe, kUri,
                   "--listen_address=127.0.0.1:0", "--scrape_timeout=0.5"}};
  const int port = program.wait_for_port();
  for (int i = 0; i < 3; ++i) {
    const std::string page = get(port, "/metrics").body;
    EXPECT_THAT(page, AllOf(HasSubstr("\nvirt_source_up{source=\"acme_gpus\"} 0\n"), HasSubstr("\nlibvirt_up 1\n")));
  }
  const int writer = open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
  std::filesystem::rename(directory.write("new", "0 51\n"), pipe);
  close(writer);  // the read that hangs ends
  EXPECT_THAT(get(port, "/metrics").body, HasSubstr("\nacme_gpu_temperature_celsius{gpu=\"0\"} 51\n"));
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait().status, 0);
}

TEST_F(PluginModules, settings_that_nobody_knows_are_refused) {
  const auto refusal = [plugins = "--plugins=" + module("gpu")](const std::string& settings) {
    const Ended ended = run_program({plugins, "--plugin_settings=" + settings, "--once", kUri});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.out, IsEmpty());
    return ended.err;
  };
  EXPECT_EQ(refusal("acme_gpus:path=/x"), "virt_exporter: --plugin_settings: acme_gpus has no setting 'path'\n");
  EXPECT_EQ(refusal("acme:file=/x"),
            "virt_exporter: --plugin_settings: there is no pollster or source 'acme' that is in use\n");
  EXPECT_EQ(refusal("acme_gpus=/x"), "virt_exporter: --plugin_settings: 'acme_gpus=/x' is not NAME:KEY=VALUE\n");
}

TEST_F(PluginModules, domain_that_is_shut_off_has_no_uptime) {
  const std::string host = directory.write("host.xml", R"(<node><domain type='test'
      xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><test:runstate>5</test:runstate><name>off</name>
      <memory>1024</memory><os><type>hvm</type></os></domain></node>)");
  const Ended ended = run_program({"--plugins=" + module("uptime"), "--once", "--libvirt_uri=test://" + host});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("domain=\"off\""), Not(HasSubstr("acme_domain_uptime"))));
}

TEST_F(PluginModules, several_plug_ins_are_loaded_and_one_that_fails_costs_only_itself) {
  const Ended ended = run_program({"--plugins=" + module("faulty") + "," + module("uptime"), "--once", kUri});
  EXPECT_EQ(ended.status, 0);
  for (const char* name : {"throwing", "odd", "undeclared"})
    EXPECT_THAT(ended.out, HasSubstr("virt_scrape_pollster_success{pollster=\"acme." + std::string{name} + "\"} 0\n"));
  EXPECT_THAT(ended.out, AllOf(Not(HasSubstr("\nacme_declared")), Not(HasSubstr("\nacme_undeclared"))));
  EXPECT_THAT(ended.out, AllOf(HasSubstr("\nacme_domain_uptime_at_least_seconds{"), HasSubstr("\nlibvirt_up 1\n"),
                               HasSubstr("success{pollster=\"compute.disk\"} 1\n")));
  EXPECT_THAT(ended.err, AllOf(HasSubstr("pollster acme.throwing: the sensor is gone\n"),
                               HasSubstr("pollster acme.odd: threw something that is not a std::exception\n"),
                               HasSubstr("pollster acme.undeclared: ")));
}

TEST_F(PluginModules, pollster_that_would_cost_the_whole_page_costs_only_itself) {
  const Ended ended = run_program({"--plugins=" + module("harmful") + "," + module("uptime"), "--once", kUri});
  EXPECT_EQ(ended.status, 0);
  for (const std::string name : {"label_twice", "domain_twice", "no_bound", "odd_bound", "two_types", "silent"}) {
    EXPECT_THAT(ended.out, HasSubstr("\nvirt_scrape_pollster_success{pollster=\"acme." + name + "\"} 0\n"));
    EXPECT_THAT(ended.out, Not(HasSubstr("acme_" + name)));
    EXPECT_THAT(ended.err, HasSubstr("pollster acme." + name + ": "));
  }
  for (const std::string name : {"acme.ugly", "acme.uptime", "compute.disk", "compute.domain"})
    EXPECT_THAT(ended.out, HasSubstr("\nvirt_scrape_pollster_success{pollster=\"" + name + "\"} 1\n"));
  EXPECT_THAT(ended.out, AllOf(HasSubstr("\nacme_domain_uptime_at_least_seconds{"), HasSubstr("\nlibvirt_up 1\n")));
  const std::string page = directory.write("page", ended.out);
  const Ended judged = run_program({"-c", "promtool check metrics <" + page + " 2>&1"}, "/bin/sh");
  EXPECT_EQ(judged.status, 0);
  EXPECT_THAT(judged.out, IsEmpty());
}

TEST_F(PluginModules, module_without_a_pollster_is_refused) {
  expect_refused("foreign", "foreign.so registers no pollster and no source: is it a plug-in of virt_exporter?\n");
}

TEST_F(PluginModules, module_for_another_contract_is_refused_and_its_factory_not_called) {
  expect_refused("wrong_abi", "wrong_abi.so was built for a different virt_exporter or compiler (contract 999, ");
}

TEST_F(PluginModules, module_with_other_containers_is_refused) {
  expect_refused("debug_containers", "with _GLIBCXX_DEBUG; this is contract ");
}

TEST_F(PluginModules, module_that_lacks_a_symbol_is_refused) {
  expect_refused("undefined_symbol", "undefined_symbol.so: undefined symbol: no_such_function\n");
}

TEST_F(PluginModules, family_of_a_pollster_of_the_tree_is_refused) {
  expect_refused("claims_builtin", "acme.claiming both claim libvirt_domain_vcpu_state");
}

TEST_F(PluginModules, name_of_a_pollster_of_the_tree_is_refused) {
  expect_refused("same_name", "two pollsters have the same name: compute.disk\n");
}

TEST_F(PluginModules, same_plug_in_twice_is_refused) {
  const std::string file = module("uptime");
  const Ended ended = run_program({"--plugins=" + file + "," + file, "--list_pollsters"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, MatchesRegex("virt_exporter: [^\n]*\n"));
}

TEST_F(PluginModules, installed_program_loads_the_plug_in_too) {
  const std::string installed = VIRT_EXPORTER_BUILD "/tests/plugin/installed/bin/virt_exporter";
  EXPECT_THAT(run_program({"--plugins=" + module("uptime"), "--list_pollsters"}, installed).out,
              HasSubstr("acme.uptime\ton\n"));
}

}  // namespace
}  // namespace virt
