# SPDX-License-Identifier: Apache-2.0
# cmake -DHEADERS=FOLDER -P tests/contract_digest_test.cmake: what changes the digest of the installed headers.
include(${CMAKE_CURRENT_LIST_DIR}/../exporter/contract_digest.cmake)

set(headers "")
foreach(name abi literal libvirt/snapshot openstack/snapshot plugin pollster record settings snapshot stats_builder)
  list(APPEND headers ${HEADERS}/${name}.h)
endforeach()
contract_digest(installed ${headers})
file(READ ${HEADERS}/contract.h contract)
if(NOT contract MATCHES "\n#define VIRT_EXPORTER_CONTRACT \"${installed}\"\n")
  message(SEND_ERROR "the installed headers have the digest ${installed}, but contract.h says:\n${contract}")
endif()

# The digest of a header of this text.
function(digest_of text result)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/header.h "${text}")
  contract_digest(digest ${CMAKE_CURRENT_BINARY_DIR}/header.h)
  set(${result} ${digest} PARENT_SCOPE)
endfunction()

function(expect relation text)
  digest_of("struct A { int a[2]; };  // one\n#define URL \"http://a/*b*/\"\n" first)
  digest_of("${text}" second)
  if(NOT (first STREQUAL second) STREQUAL (relation STREQUAL same))
    message(SEND_ERROR "the digest should be ${relation}:\n${text}")
  endif()
endfunction()

expect(same "struct A { int a[2]; };  // one\n#define URL \"http://a/*b*/\"\n")
expect(same "struct A {\n\tint a[2];  // two; \"three\n};\r\n\n#define URL \"http://a/*b*/\"")
expect(same "// one\n//\n  // two\nstruct A { int a[2]; };\n#define URL \"http://a/*b*/\"  // \"\n")
expect(other "struct A { int a[3]; };\n#define URL \"http://a/*b*/\"\n")
expect(other "struct A { int a[2]; int b; };\n#define URL \"http://a/*b*/\"\n")
expect(other "struct A { int a[2]; };\n#define URL \"http://b/*b*/\"\n")
expect(other "struct A { int a[2]; };\n#define URL \"http://a/*c*/\"\n")
