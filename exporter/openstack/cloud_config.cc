// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_config.h"

#include <stdexcept>
#include <vector>

#include "exporter/config/strict_yaml.h"
#include "exporter/process/log.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

using Values = std::map<std::string, std::string>;  // "auth.username" → value, flat

[[noreturn]] void fail(const std::string& cloud, const std::string& what) {
  throw std::invalid_argument("cloud " + in_quotes(cloud) + ": " + what);
}

// ---- A file ------------------------------------------------------------------------------------------------

// The entries of a mapping with those that "<<" merges in. An alias may contain itself.
class Merged {
 public:
  explicit Merged(const YamlValue& mapping) { add(mapping, 0); }
  const std::map<std::string, YamlValue>& entries() const { return entries_; }

 private:
  static constexpr int kMaxDepth = 8, kMaxMerges = 64;

  void add(const YamlValue& mapping, int depth) {
    const auto own = mapping.entries();
    for (const auto& [key, value] : own)
      if (key != "<<") entries_.emplace(key, value);
    const auto merge = own.find("<<");
    if (merge == own.end()) return;
    if (depth == kMaxDepth || ++merges_ > kMaxMerges) merge->second.fail("merges too many mappings");
    if (merge->second.is_list())
      for (const YamlValue& one : merge->second.list()) add(one, depth + 1);
    else
      add(merge->second, depth + 1);
  }

  std::map<std::string, YamlValue> entries_;
  int merges_ = 0;
};

// Keys that are not of ours may have values of any kind.
bool is_known(const std::string& key) {
  for (const char* known : {"auth_type", "region_name", "interface", "endpoint_type", "verify", "insecure", "cacert",
                            "cert", "key", "profile"})
    if (key == known) return true;
  return key.ends_with("_endpoint_override");
}

void add_settings(const YamlValue& cloud, Values& settings) {
  const Merged merged{cloud};
  for (const auto& [key, value] : merged.entries()) {
    if (is_known(key) && !value.empty()) settings[key] = value.text();
    if (key != "auth") continue;
    const Merged auth{value};
    for (const auto& [name, part] : auth.entries())
      if (!part.empty()) settings["auth." + name] = part.text();
  }
  // As one of a list, only if there is one.
  if (const auto regions = merged.entries().find("regions");
      regions != merged.entries().end() && settings.count("region_name") == 0 && regions->second.list().size() == 1) {
    const YamlValue only = regions->second.list().front();
    if (only.is_text()) settings["region_name"] = only.text();
  }
}

std::map<std::string, YamlValue> clouds_of(const CloudsFile& file) {
  const Merged top{YamlValue::parse(file.text, file.name)};
  const auto clouds = top.entries().find("clouds");
  if (clouds == top.entries().end()) return {};
  return Merged{clouds->second}.entries();
}

std::string list_names(const std::map<std::string, YamlValue>& clouds) {
  std::string names;
  for (const auto& [name, value] : clouds) names += (names.empty() ? "" : ", ") + one_line(name);
  return names.empty() ? "has no clouds" : "has " + names;
}

// ---- Values ----------------------------------------------------------------------------------------------

bool boolean(const std::string& cloud, const std::string& key, const std::string& text) {
  const std::string word = lower(text);
  for (const char* yes : {"true", "yes", "on", "1"})
    if (word == yes) return true;
  for (const char* no : {"false", "no", "off", "0"})
    if (word == no) return false;
  fail(cloud, key + " must be true or false");
}

// "http://host:5000", "http://host/identity/", "http://host/v3".
std::string versioned(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const std::string last = url.substr(url.rfind('/') + 1);
  if (last == "v3") return url;
  if (last == "v2.0") url.resize(url.size() - 5);
  return url + "/v3";
}

class Reading {
 public:
  Reading(std::string cloud, Values settings) : cloud_(std::move(cloud)), settings_(std::move(settings)) {}

  CloudConfig config() {
    CloudConfig config;
    config.name = cloud_;
    if (auth("auth_url").empty())
      fail(cloud_,
           value("profile").empty() ? "auth_url is missing" : "auth_url is missing; profiles are not supported");
    config.auth_url = versioned(auth("auth_url"));
    if (!config.auth_url.starts_with("http://") && !config.auth_url.starts_with("https://"))
      fail(cloud_, "auth_url must begin with http:// or https://");
    if (config.auth_url.find('@') != std::string::npos)  // the log tells the URL
      fail(cloud_, "auth_url must not contain a user or password");
    read_identity(config);
    read_scope(config);
    read_access(config);
    check(config);
    return config;
  }

 private:
  std::string value(const std::string& key) const {
    const auto found = settings_.find(key);
    return found == settings_.end() ? "" : found->second;
  }
  std::string auth(const std::string& key) const { return value("auth." + key); }
  std::string first(const std::string& one, const std::string& other) const { return one.empty() ? other : one; }

  void read_identity(CloudConfig& config) const {
    config.user_id = auth("user_id");
    config.user_name = first(auth("username"), auth("user_name"));
    config.user_domain_id = first(auth("user_domain_id"), auth("default_domain_id"));
    config.user_domain_name = first(auth("user_domain_name"), auth("default_domain_name"));
    config.password = auth("password");
    config.credential_id = auth("application_credential_id");
    config.credential_name = auth("application_credential_name");
    config.credential_secret = auth("application_credential_secret");
  }

  void read_scope(CloudConfig& config) const {
    config.project_id = first(auth("project_id"), auth("tenant_id"));
    config.project_name = first(auth("project_name"), auth("tenant_name"));
    config.project_domain_id = first(auth("project_domain_id"), auth("default_domain_id"));
    config.project_domain_name = first(auth("project_domain_name"), auth("default_domain_name"));
    config.domain_id = auth("domain_id");
    config.domain_name = auth("domain_name");
    config.system_scope = auth("system_scope") == "all";
  }

  void read_access(CloudConfig& config) const {
    config.region = value("region_name");
    std::string interface = first(value("interface"), value("endpoint_type"));
    if (interface.ends_with("URL")) interface.resize(interface.size() - 3);
    if (!interface.empty()) config.interface = interface;
    if (const std::string verify = value("verify"); !verify.empty()) config.verify = boolean(cloud_, "verify", verify);
    if (const std::string insecure = value("insecure"); !insecure.empty() && boolean(cloud_, "insecure", insecure))
      config.verify = false;
    config.ca_file = value("cacert");
    config.client_cert = value("cert");
    config.client_key = value("key");
    constexpr std::string_view kOverride = "_endpoint_override";
    for (const auto& [key, url] : settings_)
      if (key.ends_with(kOverride)) config.endpoints[key.substr(0, key.size() - kOverride.size())] = url;
  }

  void check(CloudConfig& config) const {
    const std::string type = value("auth_type");
    const bool by_credential = type == "v3applicationcredential" || (type.empty() && config.uses_credential());
    if (!by_credential && !type.empty() && type != "password" && type != "v3password")
      fail(cloud_, "auth_type " + in_quotes(type) + " is not supported; use password or v3applicationcredential");
    if (!config.uses_credential() && by_credential)
      fail(cloud_, "application_credential_id and application_credential_name are missing");
    if (by_credential)
      check_credential(config);
    else
      check_password(config);
    for (const char* known : {"public", "internal", "admin"})
      if (config.interface == known) return;
    fail(cloud_, "interface " + in_quotes(config.interface) + " is not public, internal or admin");
  }

  void check_credential(const CloudConfig& config) const {
    if (config.credential_secret.empty()) fail(cloud_, "application_credential_secret is missing");
    if (config.credential_id.empty()) check_user(config);
  }

  void check_password(CloudConfig& config) const {
    config.credential_id.clear();
    config.credential_name.clear();
    check_user(config);
    if (config.password.empty()) fail(cloud_, "password is missing");
    if (config.system_scope || !config.project_id.empty() || !config.domain_id.empty() || !config.domain_name.empty())
      return;
    if (config.project_name.empty())
      fail(cloud_, "it has no scope: project_name, project_id, domain_name, domain_id and system_scope are missing");
    if (config.project_domain_id.empty() && config.project_domain_name.empty())
      fail(cloud_, "project_domain_name and project_domain_id are missing");
  }

  void check_user(const CloudConfig& config) const {
    if (!config.user_id.empty()) return;
    if (config.user_name.empty()) fail(cloud_, "username and user_id are missing");
    if (config.user_domain_id.empty() && config.user_domain_name.empty())
      fail(cloud_, "user_domain_name and user_domain_id are missing");
  }

  const std::string cloud_;
  const Values settings_;
};

}  // namespace

std::string CloudConfig::who() const {
  if (!uses_credential()) return "user " + one_line(user_name.empty() ? user_id : user_name);
  return "application credential " + one_line(credential_name.empty() ? credential_id : credential_name);
}

CloudConfig parse_cloud(const CloudsFile& clouds, const CloudsFile& secure, const std::string& name) {
  const auto known = clouds_of(clouds);
  const auto found = known.find(name);
  if (found == known.end())
    throw std::invalid_argument(clouds.name + ": no cloud " + in_quotes(name) + "; the file " + list_names(known));
  Values settings;
  add_settings(found->second, settings);
  const auto secrets = clouds_of(secure);
  if (const auto secret = secrets.find(name); secret != secrets.end()) add_settings(secret->second, settings);
  return Reading{name, std::move(settings)}.config();
}

CloudConfig cloud_of_variables(const Environment& variables) {
  static constexpr const char* kOfAuth[] = {"auth_url",
                                            "username",
                                            "user_id",
                                            "user_domain_id",
                                            "user_domain_name",
                                            "default_domain_id",
                                            "default_domain_name",
                                            "password",
                                            "project_id",
                                            "project_name",
                                            "tenant_id",
                                            "tenant_name",
                                            "project_domain_id",
                                            "project_domain_name",
                                            "domain_id",
                                            "domain_name",
                                            "system_scope",
                                            "application_credential_id",
                                            "application_credential_name",
                                            "application_credential_secret"};
  static constexpr const char* kOther[] = {"auth_type", "region_name", "interface", "endpoint_type",
                                           "insecure",  "cacert",      "cert",      "key"};
  const auto variable = [&](std::string name) {
    for (char& c : name)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return variables("OS_" + name);
  };
  Values settings;
  for (const char* name : kOfAuth)
    if (const auto value = variable(name)) settings[std::string{"auth."} + name] = *value;
  for (const char* name : kOther)
    if (const auto value = variable(name)) settings[name] = *value;
  return Reading{"of the variables OS_*", std::move(settings)}.config();
}

}  // namespace virt
