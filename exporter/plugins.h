// SPDX-License-Identifier: Apache-2.0
// Pollsters and sources from outside: shared objects that were built against the installed headers.
#ifndef VIRT_EXPORTER_PLUGINS_H_
#define VIRT_EXPORTER_PLUGINS_H_

#include <string>
#include <string_view>
#include <vector>

namespace virt {

// Loads each file; its pollsters and sources are then registered (registry.h). Throws std::runtime_error, with the
// file and the reason, for one that cannot be trusted (not a regular file, a symbolic link, owned by
// somebody else than root or this user, writable by others), that cannot be loaded, that brings no
// pollster and no source, or that was made for another version or compiler. A plug-in is never unloaded.
void load_plugins(const std::vector<std::string_view>& files);

}  // namespace virt

#endif  // VIRT_EXPORTER_PLUGINS_H_
