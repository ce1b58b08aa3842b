// SPDX-License-Identifier: Apache-2.0
// Flags, and how the parts are put together.
#include <gflags/gflags.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <list>
#include <set>

#include "exporter/config/flagfile.h"
#include "exporter/config/plugin_settings.h"
#include "exporter/http/http_check.h"
#include "exporter/http/pages.h"
#include "exporter/http/web_access.h"
#include "exporter/libvirt/libvirt_source.h"
#include "exporter/openstack/openstack_source.h"
#include "exporter/plugins.h"
#include "exporter/process/log.h"
#include "exporter/process/required_threads.h"
#include "exporter/process/service_manager.h"
#include "exporter/text/domain_labels.h"
#include "exporter/text/families.h"
#include "exporter/text/words.h"
#include "exporter/version.h"

DEFINE_string(libvirt_uri, "qemu:///system", "libvirt URI to read; always over a read-only connection");
DEFINE_string(
    listen_address, "0.0.0.0:9177",
    "comma-separated HOST:PORT to listen on. HOST is an IPv4 address, an IPv6 address in brackets, a name, or "
    "empty for every address, as in \":9177\"; port 0 picks a free port. IPv6 requires a CivetWeb that has it, "
    "as on Debian 13");
DEFINE_string(web_config_file, "",
              "file with TLS, basic authentication, HTTP headers and a rate limit, in the format of Prometheus' "
              "exporter-toolkit; reloaded when it changes");
DEFINE_string(telemetry_path, "/metrics", "HTTP path of the metrics");
DEFINE_string(pollsters, "",
              "pollsters to run, as comma-separated glob patterns; '!' excludes and takes precedence, as in "
              "\"compute.*,!compute.disk\"; empty: all except compute.kvm and those of the namespaces central, "
              "ceilometer and compat");
DEFINE_string(plugins, "", "comma-separated paths of shared objects with additional pollsters and sources");
DEFINE_string(
    plugin_settings, "",
    "comma-separated NAME:KEY=VALUE for pollsters and sources of plug-ins, such as acme.gpu:device=/dev/gpu0");
DEFINE_string(
    domain_labels, "domain",
    "comma-separated labels for the series of every domain: domain (always present), uuid, instance_name, project_id, "
    "project_name, user_id, user_name, flavor_name, title, os");
DEFINE_double(scrape_timeout, 10, "maximum duration of a scrape, in seconds");
DEFINE_double(scrape_timeout_offset, 0.5,
              "seconds to subtract from the timeout that Prometheus sends, so that the response arrives in time");
DEFINE_uint32(libvirt_workers, 4,
              "concurrent calls to QEMU monitors while they answer quickly, each over its own connection");
DEFINE_uint32(
    libvirt_max_calls, 12,
    "maximum concurrent calls to QEMU monitors when some are slow or hang, including calls of other clients that "
    "hang; libvirtd has 20 workers for all clients");
DEFINE_uint32(max_requests, 40, "maximum concurrent scrapes; further ones are rejected with status 503");
DEFINE_double(
    xml_refresh, 60,
    "maximum age, in seconds, of data whose changes libvirt does not announce: each domain's XML, lists of domains, "
    "and slowly changing facts about the host");
DEFINE_string(
    host_name, "",
    "Nova's name for this host, used in the label vm_instance of ceilometer.*; empty: the machine's host name");
DEFINE_string(os_cloud, "",
              "cloud of clouds.yaml that central.* reads; empty: that of the variable OS_CLOUD, or else of OS_AUTH_URL "
              "and the other variables of OpenStack's clients");
DEFINE_string(os_client_config_file, "",
              "clouds.yaml for central.*; empty: OS_CLIENT_CONFIG_FILE, or ./clouds.yaml, or in ~/.config/openstack or "
              "/etc/openstack");
DEFINE_string(os_admin_role, "admin",
              "role whose tokens see the resources of all projects; without it central.* leaves out what would be "
              "incomplete");
DEFINE_bool(backing_chain, false, "also read the backing images of disks");
DEFINE_bool(once, false,
            "write one scrape to standard output and exit, with status 1 if a source, such as libvirt, is not up");
DEFINE_bool(list_pollsters, false, "list all pollsters and whether each is enabled, and exit");
DEFINE_bool(list_meters, false,
            "list the metric families of all pollsters as tab-separated name, type, pollster and help, and exit");
DEFINE_string(log_level, "info", "minimum level of log messages: debug, info, warning or error");

DECLARE_bool(help);

namespace virt {
namespace {

void list_pollsters(const std::vector<NamedPollster>& all, const std::vector<NamedPollster>& chosen) {
  const auto is_on = [&](const NamedPollster& pollster) {
    for (const NamedPollster& other : chosen)
      if (other.name == pollster.name) return true;
    return false;
  };
  for (const NamedPollster& pollster : all)
    std::cout << pollster.name << '\t' << (is_on(pollster) ? "on" : "off") << '\n';
}

void list_meters(const std::vector<Meters>& tables, std::string_view owner) {
  std::set<std::string_view> listed;  // rows may share a family
  for (const Meters& table : tables)
    for (const Meter& meter : table)
      if (listed.insert(meter.name).second)
        std::cout << meter.name << '\t' << type_name(meter.type) << '\t' << owner << '\t' << meter.help << '\n';
}

void list_all_meters(const std::vector<NamedPollster>& all, const std::vector<SourceKind>& sources) {
  for (const NamedPollster& pollster : all) list_meters(pollster.meters, pollster.name);
  for (const SourceKind& source : sources)
    if (source.about) list_meters(source.about->meters(), "exporter");
  list_meters(self_meters(), "exporter");
}

void check_range(const std::string& flag, unsigned value, unsigned most) {
  if (value < 1 || value > most)
    throw std::invalid_argument("--" + flag + ": must be a number from 1 to " + std::to_string(most));
}

void check_flags() {
  if (!FLAGS_telemetry_path.starts_with('/') || FLAGS_telemetry_path == "/" ||
      FLAGS_telemetry_path.starts_with("/-/") || FLAGS_telemetry_path.find_first_of(" ?#<>\"'") != std::string::npos)
    throw std::invalid_argument("--telemetry_path: '" + FLAGS_telemetry_path +
                                "' is reserved or not a valid path; try /metrics");
  constexpr double kDay = 24 * 60 * 60;
  if (!(FLAGS_scrape_timeout > 0 && FLAGS_scrape_timeout <= kDay))
    throw std::invalid_argument("--scrape_timeout: must be greater than 0 seconds and at most a day");
  if (!(FLAGS_scrape_timeout_offset >= 0))
    throw std::invalid_argument("--scrape_timeout_offset: must be 0 seconds or more");
  check_range("libvirt_workers", FLAGS_libvirt_workers, 20);
  check_range("libvirt_max_calls", FLAGS_libvirt_max_calls, 80);
  check_range("max_requests", FLAGS_max_requests, 1000);
  if (!(FLAGS_xml_refresh > 0)) throw std::invalid_argument("--xml_refresh: must be greater than 0 seconds");
}

// More than scrapes that may wait, for clients that say nothing and for refusing; each takes a thread.
unsigned connections() { return FLAGS_max_requests + std::clamp(FLAGS_max_requests, 4U, 26U); }

// For libvirt and as many others. Before any of them starts: CivetWeb listens also without the thread that accepts
// connections.
void check_threads(std::size_t sources) {
  constexpr unsigned kToRead = 6;         // the reader, libvirt's event loop, and calls that do not ask monitors
  constexpr unsigned kToReadAnother = 2;  // its reader, and the call
  constexpr unsigned kToServe = 6;        // that which accepts, the watchdog, and requests at work
  const auto others = static_cast<unsigned>(sources - std::min<std::size_t>(sources, 1));
  require_threads(
      kToRead + FLAGS_libvirt_workers + others * kToReadAnother + (FLAGS_once ? 0 : kToServe + connections()),
      "raise the limit (ulimit -u, TasksMax=, pids.max), or lower --max_requests or --libvirt_workers");
}

int scrape_once(Scraper& scraper) {
  const auto timeout = std::chrono::duration<double>{FLAGS_scrape_timeout};
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout);
  const auto pollsters = scraper.choose({});
  const Snapshots snapshots = scraper.read(pollsters, deadline);
  scraper.write(pollsters, snapshots, [](const Piece& piece) { std::cout << piece.text(); });
  std::cout.flush();
  return all_up(snapshots) && std::cout ? 0 : 1;
}

using Feeds = std::vector<Scraper::Feed>;

// What the watchdog has to find well: the server that takes requests, at each address, and the threads that read the
// sources.
std::vector<SelfCheck> self_checks(const Feeds& feeds, const HttpServer& server, const ServiceManager& manager) {
  std::vector<SelfCheck> checks = http_checks(server.addresses());
  // A read that takes all of a scrape's time is no reason for a restart.
  const auto patience =
      manager.watchdog().value_or(std::chrono::microseconds{}) +
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>{FLAGS_scrape_timeout});
  for (const auto& [source, reader] : feeds)
    checks.push_back(
        {"the thread that reads " + std::string{source.name},
         [reader = reader, patience](Deadline deadline) { return reader->passes_check(deadline, patience); }});
  return checks;
}

// A thread may hang in libvirt, so none is waited for, and nothing that they use is destroyed.
[[noreturn]] void leave(int status) {
  spdlog::default_logger()->flush();
  std::_Exit(status);
}

// For the log: libvirt by its URI, other sources by their names.
std::string what_is_read(const Feeds& feeds) {
  std::string text;
  for (const auto& [source, reader] : feeds)
    text.append(text.empty() ? "" : ", ").append(source.name == Snapshot::kSource ? FLAGS_libvirt_uri : source.name);
  return text;
}

[[noreturn]] void serve(const Feeds& feeds, Scraper& scraper, const Instruments& instruments, const sigset_t& signals) {
  const PageOptions options{FLAGS_telemetry_path, std::chrono::duration<double>{FLAGS_scrape_timeout},
                            std::chrono::duration<double>{FLAGS_scrape_timeout_offset}, FLAGS_max_requests};
  auto access = FLAGS_web_config_file.empty() ? nullptr : std::make_unique<WebAccess>(FLAGS_web_config_file);
  HttpLimits limits;
  limits.connections = static_cast<int>(connections());
  HttpServer server{FLAGS_listen_address, make_pages(scraper, options), std::move(access), limits,
                    HttpInstruments{instruments, FLAGS_telemetry_path}};
  spdlog::info("virt_exporter {} reads {} and listens on {}, path {}", kVersion, what_is_read(feeds),
               to_text(server.addresses()), FLAGS_telemetry_path);
  const auto manager = ServiceManager::of_environment();
  manager.say("READY=1");
  Watchdog watchdog{manager, self_checks(feeds, server, manager)};
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("{}: finishing the scrapes in flight", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  watchdog.stop();
  manager.say("STOPPING=1");
  constexpr std::chrono::milliseconds kToRead{300}, kToEnd{1000};
  for (const auto& [source, reader] : feeds) reader->hurry(std::chrono::steady_clock::now() + kToRead);
  server.stop(kToEnd);
  leave(0);
}

std::vector<SourceKind> known_sources(const std::shared_ptr<const PluginSettings>& settings,
                                      const Instruments& instruments) {
  auto sources = plugin_sources(settings);
  sources.push_back(
      libvirt_source({FLAGS_libvirt_uri, std::chrono::duration<double>{FLAGS_xml_refresh}, FLAGS_libvirt_workers,
                      FLAGS_libvirt_max_calls, FLAGS_host_name, FLAGS_backing_chain, instruments}));
  Cloud::Options cloud;
  cloud.admin_role = FLAGS_os_admin_role;
  if (FLAGS_once) cloud.patience = std::chrono::steady_clock::duration::max();
  sources.push_back(openstack_source({FLAGS_os_cloud, FLAGS_os_client_config_file}, cloud));
  check_names(sources);
  return sources;
}

std::size_t count_sources(const std::vector<NamedPollster>& pollsters) {
  std::set<std::string_view> names;
  for (const NamedPollster& pollster : pollsters) names.insert(pollster.source);
  return names.size();
}

// Opens those that the pollsters need, and no others.
Feeds open_sources(const std::vector<SourceKind>& sources, const std::vector<NamedPollster>& pollsters,
                   const Instruments& instruments, std::list<Reader>& readers) {
  Feeds feeds;
  for (const SourceKind& source : sources) {
    const auto needs_it = [&](const NamedPollster& pollster) { return pollster.source == source.name; };
    if (std::none_of(pollsters.begin(), pollsters.end(), needs_it)) continue;
    feeds.push_back({source, &readers.emplace_back(std::string{source.name}, source.open(), Clocks{}, instruments)});
  }
  return feeds;
}

int run(const sigset_t& signals) {
  const Instruments instruments;
  start_log(FLAGS_log_level, instruments);
  check_flags();
  load_plugins(split(FLAGS_plugins, ','));
  const auto settings = std::make_shared<const PluginSettings>(FLAGS_plugin_settings);
  const auto all = make_pollsters(*settings);
  const auto sources = known_sources(settings, instruments);
  if (FLAGS_list_meters) return list_all_meters(all, sources), 0;
  auto chosen = choose_pollsters(all, FLAGS_pollsters, sources);
  if (FLAGS_list_pollsters) return list_pollsters(all, chosen), 0;
  check_threads(count_sources(chosen));
  std::list<Reader> readers;
  const Feeds feeds = open_sources(sources, chosen, instruments, readers);
  settings->check_all_are_known();
  Scraper::Environment environment;
  environment.instruments = instruments;
  environment.build = {kVersion, kRevision, kCompiler, libvirt_library_version()};
  Scraper scraper{feeds, std::move(chosen), DomainLabels{FLAGS_domain_labels}, environment};
  if (FLAGS_once) leave(scrape_once(scraper));
  serve(feeds, scraper, instruments, signals);
}

// Before any thread starts, so that all of them leave these signals to sigwait.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Memory of one scrape is reused by the next, whichever thread it runs on, and not given back in between.
void keep_memory() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MXFAST, 0);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

bool takes_value(std::string_view name) {
  gflags::CommandLineFlagInfo flag;
  return gflags::GetCommandLineFlagInfo(std::string{name}.c_str(), &flag) && flag.type != "bool";
}

void parse_flags(std::vector<std::string>& arguments) {
  gflags::SetUsageMessage("Prometheus exporter for the virtual machines of a libvirt host\n\n  virt_exporter [FLAGS]");
  gflags::SetVersionString(std::string{kVersion} + " (" + kRevision + ", " + kCompiler + ", libvirt " +
                           libvirt_library_version() + ")");
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int argc = static_cast<int>(pointers.size());
  char** argv = pointers.data();
  gflags::ParseCommandLineNonHelpFlags(&argc, &argv, true);
  if (FLAGS_help) {
    gflags::ShowUsageWithFlagsRestrict(argv[0], "main.cc");
    std::exit(0);
  }
  gflags::HandleCommandLineHelpFlags();
  if (argc > 1) throw std::invalid_argument("'" + std::string{argv[1]} + "' is not a flag; see --help");
}

}  // namespace
}  // namespace virt

int main(int argc, char** argv) {
  try {
    virt::keep_memory();
    auto arguments = virt::expand_flagfiles({argv, argv + argc}, virt::takes_value);
    virt::parse_flags(arguments);
    return virt::run(virt::block_signals());
  } catch (const std::exception& error) {
    std::cerr << "virt_exporter: " << error.what() << '\n';
    return 1;
  } catch (...) {
    std::cerr << "virt_exporter: a plug-in threw something that is not a std::exception\n";
    return 1;
  }
}
