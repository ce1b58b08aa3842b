// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/web_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "exporter/config/strict_yaml.h"
#include "exporter/http/basic_auth.h"
#include "exporter/process/log.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

template <typename T>
using Names = std::vector<std::pair<std::string_view, T>>;

using ClientAuth = WebConfig::ClientAuth;

const Names<ClientAuth> kClientAuths = {{"NoClientCert", ClientAuth::kNone},
                                        {"RequestClientCert", ClientAuth::kRequest},
                                        {"RequireAnyClientCert", ClientAuth::kRequireAny},
                                        {"RequireClientCert", ClientAuth::kRequireAny},  // its name of old
                                        {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
                                        {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}};

const Names<int> kVersions = {{"TLS10", 10}, {"TLS11", 11}, {"TLS12", 12}, {"TLS13", 13}};

const Names<std::string> kCurves = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};

// Those that Go calls secure; the names are their own values.
const Names<std::string_view> kCipherSuites = [] {
  Names<std::string_view> suites;
  for (const char* name :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"})
    suites.emplace_back(name, name);
  return suites;
}();

// What each header may say; nothing: anything.
const std::map<std::string, std::vector<std::string>> kHeaders = {{"Content-Security-Policy", {}},
                                                                  {"Strict-Transport-Security", {}},
                                                                  {"X-Content-Type-Options", {"nosniff"}},
                                                                  {"X-Frame-Options", {"deny", "sameorigin"}},
                                                                  {"X-XSS-Protection", {}}};

template <typename T>
T named(const YamlValue& value, const Names<T>& names) {
  const std::string text = value.text();
  std::vector<std::string> known;
  for (const auto& [name, meaning] : names) {
    if (name == text) return meaning;
    known.emplace_back(name);
  }
  value.fail(in_quotes(text) + " is not one of: " + join(known, ", "));
}

template <typename T>
std::vector<std::string> all_named(const YamlValue& list, const Names<T>& names) {
  std::vector<std::string> found;
  for (const YamlValue& item : list.list()) found.emplace_back(named(item, names));
  return found;
}

// One number and its unit at the front of `text`, in seconds, taken off it; nothing if there is none.
std::optional<double> take_duration(std::string_view& text) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || text.starts_with('-')) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& [unit, seconds] : kUnits) {
    if (!text.starts_with(unit)) continue;
    text.remove_prefix(unit.size());
    return number * seconds;
  }
  return std::nullopt;
}

// As Go writes it: "1m30s". Zero needs no unit.
std::chrono::duration<double> duration(const YamlValue& value) {
  const std::string text = value.text();
  constexpr double kDay = 24 * 60 * 60;
  double seconds = 0;
  for (std::string_view rest = text; !rest.empty() && text != "0";) {
    const auto part = take_duration(rest);
    if (!part) value.fail(in_quotes(text) + " is not a duration; try 1s or 500ms");
    seconds += *part;
  }
  if (!(seconds <= kDay)) value.fail("must be at most a day");
  return std::chrono::duration<double>{seconds};
}

std::string path(const YamlValue& value, const std::string& config_file) {
  const std::string text = value.text();
  return text.empty() ? text : (std::filesystem::path{config_file}.parent_path() / text).string();
}

void check(const WebConfig::Tls& tls, const YamlValue& place) {
  if (tls.cert.empty()) place.fail("cert_file is missing");
  if (tls.key.empty()) place.fail("key_file is missing");
  if (tls.min_version > tls.max_version) place.fail("min_version is higher than max_version");
  if (tls.client_auth != ClientAuth::kNone) return;
  if (!tls.client_ca.empty()) place.fail("client_ca_file has no effect without client_auth_type");
  if (!tls.client_allowed_sans.empty()) place.fail("client_allowed_sans has no effect without client_auth_type");
}

// Nothing where no key says that TLS is wanted.
std::optional<WebConfig::Tls> read_tls(const YamlValue& section, const std::string& config_file) {
  WebConfig::Tls tls;
  bool wants_auth = false;
  const auto pem_file = [&](WebConfig::Pem& pem) {
    return [&](const YamlValue& value) { pem.file = path(value, config_file); };
  };
  const auto pem_text = [](WebConfig::Pem& pem) { return [&](const YamlValue& value) { pem.text = value.text(); }; };
  section.mapping({
      {"cert", pem_text(tls.cert)},
      {"cert_file", pem_file(tls.cert)},
      {"key", pem_text(tls.key)},
      {"key_file", pem_file(tls.key)},
      {"client_ca", pem_text(tls.client_ca)},
      {"client_ca_file", pem_file(tls.client_ca)},
      {"client_auth_type",
       [&](const YamlValue& value) {
         wants_auth = !value.text().empty();
         if (wants_auth) tls.client_auth = named(value, kClientAuths);
       }},
      {"client_allowed_sans",
       [&](const YamlValue& value) {
         for (const YamlValue& name : value.list()) tls.client_allowed_sans.push_back(name.text());
       }},
      {"min_version",
       [&](const YamlValue& value) {
         if (!value.empty()) tls.min_version = named(value, kVersions);
       }},
      {"max_version",
       [&](const YamlValue& value) {
         if (!value.empty()) tls.max_version = named(value, kVersions);
       }},
      {"cipher_suites", [&](const YamlValue& value) { tls.cipher_suites = all_named(value, kCipherSuites); }},
      {"curve_preferences", [&](const YamlValue& value) { tls.curves = all_named(value, kCurves); }},
      {"prefer_server_cipher_suites",
       [&](const YamlValue& value) { tls.prefer_server_cipher_suites = value.boolean(true); }},
  });
  if (tls.cert.empty() && tls.key.empty() && tls.client_ca.empty() && !wants_auth) return std::nullopt;
  check(tls, section);
  return tls;
}

std::map<std::string, std::string> read_users(const YamlValue& section) {
  std::map<std::string, std::string> users;
  for (const auto& [name, hash] : section.entries()) {
    users[name] = hash.text();
    if (!is_bcrypt(users[name]))
      hash.fail("is not a bcrypt hash; create one with: htpasswd -nBC 10 " + in_quotes(name));
  }
  return users;
}

void read_header(const YamlValue& value, const std::string& name, const std::vector<std::string>& allowed,
                 WebConfig& config) {
  const std::string text = value.text();
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) value.fail("must be a single line");
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end())
    value.fail(in_quotes(text) + " is not one of: " + join(allowed, ", "));
  if (!text.empty()) config.headers.emplace_back(name, text);
}

void read_http(const YamlValue& section, WebConfig& config) {
  const auto headers = [&](const YamlValue& value) {
    std::map<std::string, YamlValue::Use> fields;
    for (const auto& [name, allowed] : kHeaders)
      fields[name] = [&, name = name, allowed = allowed](const YamlValue& header) {
        read_header(header, name, allowed, config);
      };
    value.mapping(fields);
  };
  // HTTP/2 is an offer to clients, who speak HTTP/1.1 where it is not taken up.
  section.mapping({{"http2", [](const YamlValue& value) { value.boolean(true); }}, {"headers", headers}});
}

RateLimit read_rate_limit(const YamlValue& section) {
  RateLimit limit;
  section.mapping({{"interval", [&](const YamlValue& value) { limit.interval = duration(value); }},
                   {"burst", [&](const YamlValue& value) { limit.burst = value.integer(); }}});
  if (limit.burst < 0) section.fail("burst must not be negative");
  if (limit.interval.count() > 0 && limit.burst == 0)
    section.fail("burst is missing, so every request would be rejected");
  return limit;
}

}  // namespace

WebConfig parse_web_config(const std::string& text, const std::string& file) {
  WebConfig config;
  YamlValue::parse(text, file)
      .mapping({
          {"tls_server_config", [&](const YamlValue& value) { config.tls = read_tls(value, file); }},
          {"http_server_config", [&](const YamlValue& value) { read_http(value, config); }},
          {"basic_auth_users", [&](const YamlValue& value) { config.users = read_users(value); }},
          {"rate_limit", [&](const YamlValue& value) { config.rate_limit = read_rate_limit(value); }},
      });
  return config;
}

}  // namespace virt
