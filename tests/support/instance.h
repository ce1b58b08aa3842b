// SPDX-License-Identifier: Apache-2.0
// An instance of Nova's as XML, for the pollsters that know Nova.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_INSTANCE_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_INSTANCE_H_

#include <string>

namespace virt {

// What Nova writes of an instance "web" of project p1; `version` is that of the namespace, `root` its <nova:root>.
inline std::string nova_instance(const std::string& version = "1.1",
                                 const std::string& root = "<nova:root type='image' uuid='i1'/>") {
  return "<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/" + version +
         "'><nova:name>web</nova:name><nova:flavor name='m1' id='f1'><nova:memory>2048</nova:memory>"
         "<nova:disk>20</nova:disk><nova:ephemeral>5</nova:ephemeral><nova:swap>1</nova:swap>"
         "<nova:vcpus>2</nova:vcpus></nova:flavor><nova:owner><nova:user uuid='u1'>ann</nova:user>"
         "<nova:project uuid='p1'>shop</nova:project></nova:owner>" +
         root + "</nova:instance>";
}

// A domain with this metadata, and `devices` in its <devices>.
inline std::string instance_xml(const std::string& metadata, const std::string& devices = "") {
  return "<domain><memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>1048576</currentMemory>"
         "<vcpu current='2'>4</vcpu><metadata>" +
         metadata + "</metadata><devices>" + devices + "</devices></domain>";
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_INSTANCE_H_
