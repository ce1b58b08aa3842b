// SPDX-License-Identifier: Apache-2.0
// Hosts of libvirt's test driver, which lives in the process that opens it.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_TEST_HOST_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_TEST_HOST_H_

#include <libvirt/libvirt.h>

#include <cstdio>
#include <functional>
#include <string>

#include "exporter/libvirt/connection.h"

namespace virt {

// libvirt keeps errors for each thread, and must be told before the first of them.
inline const int libvirt_is_initialised = virInitialize();

// The UUID of the domain that domain_xml() makes.
inline std::string uuid_for(const std::string& name) {
  char text[64];
  std::snprintf(text, sizeof text, "d3a1f5c0-0000-4000-8000-%012zx", std::hash<std::string>{}(name) >> 16);
  return text;
}

// A domain as the driver wants it. `inside` goes into <domain>, `devices` into its <devices>.
inline std::string domain_xml(const std::string& name, const std::string& inside = "",
                              const std::string& devices = "") {
  return "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>" + name + "</name><uuid>" +
         uuid_for(name) +
         "</uuid><memory>1048576</memory><currentMemory>524288</currentMemory><vcpu current='2'>4</vcpu>"
         "<os><type arch='x86_64'>hvm</type></os>" +
         inside + "<devices>" + devices + "</devices></domain>";
}

// The text of a file for test:///FILE.
inline std::string host_xml(const std::string& domains) { return "<node>" + domains + "</node>"; }

// One whose metrics are larger than what sockets hold.
inline std::string large_host() {
  std::string domains;
  for (int i = 0; i < 150; ++i) domains += domain_xml("guest-" + std::to_string(i));
  return host_xml(domains);
}

inline constexpr char kShutOff[] = "<test:runstate>5</test:runstate>";

// Nova's element around `inside`, with Nova's prefix.
inline std::string nova_metadata(const std::string& inside) {
  return "<metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'>" + inside +
         "</nova:instance></metadata>";
}

// test:///default, which all connections of a process share and which begins anew when the last one closes: this one
// may change it under the reader's eyes.
class SharedHost {
 public:
  SharedHost() {
    open_connection("test:///default");  // tells libvirt to keep its errors off standard error
    connection_.reset(virConnectOpen("test:///default"));
  }

  virConnectPtr connection() const { return connection_.get(); }
  DomainHandle domain(const std::string& name) const {
    return DomainHandle{virDomainLookupByName(connection(), name.c_str())};
  }
  // Makes a domain that is shut off, or gives this definition to one that is there already.
  DomainHandle define(const std::string& xml) const {
    DomainHandle domain{virDomainDefineXML(connection(), xml.c_str())};
    if (!domain) throw LibvirtError("cannot define " + xml);
    return domain;
  }

 private:
  Connection connection_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_TEST_HOST_H_
