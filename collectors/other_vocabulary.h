// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_COLLECTORS_OTHER_VOCABULARY_H_
#define VIRT_EXPORTER_COLLECTORS_OTHER_VOCABULARY_H_

#include "exporter/libvirt/snapshot.h"

namespace virt {

// A pollster that says what others of ours say already, in the words of another program: for who comes from there. So
// it is off by default, and its series have the labels of that program and no others.
class OtherVocabulary : public Pollster {
 public:
  bool on_by_default() const final { return false; }
  bool takes_domain_labels() const final { return false; }
};

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTORS_OTHER_VOCABULARY_H_
