// SPDX-License-Identifier: Apache-2.0
// How a pollster or a source, in the program or in a plug-in, makes itself known: a plain C record that can be read
// before anything is known about the compiler that made it.
#ifndef VIRT_EXPORTER_ABI_H_
#define VIRT_EXPORTER_ABI_H_

#include <string>  // for the version of the standard library

#include "exporter/contract.h"

#define VIRT_EXPORTER_TEXT_(x) #x
#define VIRT_EXPORTER_TEXT(x) VIRT_EXPORTER_TEXT_(x)

#ifdef _GLIBCXX_DEBUG  // changes every container
#define VIRT_EXPORTER_CONTAINERS " with _GLIBCXX_DEBUG"
#else
#define VIRT_EXPORTER_CONTAINERS ""
#endif

// Equal strings may exchange C++ objects; nothing else may. VIRT_EXPORTER_CONTRACT is a digest of the headers that are
// installed, so any change of them makes another string.
#define VIRT_EXPORTER_ABI                                                               \
  "contract " VIRT_EXPORTER_CONTRACT                                                    \
  ", C++ ABI " VIRT_EXPORTER_TEXT(__GXX_ABI_VERSION) ", libstdc++ " VIRT_EXPORTER_TEXT( \
      _GLIBCXX_RELEASE) "/" VIRT_EXPORTER_TEXT(_GLIBCXX_USE_CXX11_ABI) VIRT_EXPORTER_CONTAINERS

extern "C" {

struct virt_pollster_record {
  const char* abi;                        // VIRT_EXPORTER_ABI of its maker; always the first member
  const char* name;                       // "name_space.name"
  void* (*create)(const void* settings);  // a virt::PollsterBase*, owned by the caller; only if the ABI is equal
  virt_pollster_record* next;             // set by virt_register_pollster
};

struct virt_source_record {
  const char* abi;                        // as above
  const char* name;                       // by which pollsters ask for it
  void* (*create)(const void* settings);  // a virt::BlockingSource*, owned by the caller; only if the ABI is equal
  virt_source_record* next;               // set by virt_register_source
};

// Called by constructors of static objects, so they append to a list and do no more.
__attribute__((visibility("default"))) void virt_register_pollster(virt_pollster_record* record);
__attribute__((visibility("default"))) void virt_register_source(virt_source_record* record);
}

#endif  // VIRT_EXPORTER_ABI_H_
