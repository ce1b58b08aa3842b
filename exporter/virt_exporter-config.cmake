# SPDX-License-Identifier: Apache-2.0
# find_package(virt_exporter): the target virt_exporter::contract, which plug-ins are built against; with COMPONENTS testing
# also virt_exporter::testing, which their tests are linked with.
include(${CMAKE_CURRENT_LIST_DIR}/virt_exporter-contract.cmake)
if("testing" IN_LIST virt_exporter_FIND_COMPONENTS)
  include(CMakeFindDependencyMacro)
  find_dependency(pugixml)
  include(${CMAKE_CURRENT_LIST_DIR}/virt_exporter-testing.cmake)
  set(virt_exporter_testing_FOUND TRUE)
endif()
foreach(component ${virt_exporter_FIND_COMPONENTS})
  if(virt_exporter_FIND_REQUIRED_${component} AND NOT virt_exporter_${component}_FOUND)
    set(virt_exporter_FOUND FALSE)
    set(virt_exporter_NOT_FOUND_MESSAGE "virt_exporter has no component '${component}': there is only 'testing'")
  endif()
endforeach()
