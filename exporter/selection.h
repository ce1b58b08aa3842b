// SPDX-License-Identifier: Apache-2.0
// Which pollsters are meant, by the rules of Ceilometer's polling.yaml: glob patterns; '!' excludes, and
// wins.
#ifndef VIRT_EXPORTER_SELECTION_H_
#define VIRT_EXPORTER_SELECTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace virt {

// Those of `names` that `patterns` choose, in the order of `names`. Patterns that only exclude take away
// from `by_default`; no patterns at all mean `by_default`. Throws std::invalid_argument for a pattern that
// matches none of `names`, and where nothing is left.
std::vector<std::string> select_names(const std::vector<std::string_view>& patterns,
                                      const std::vector<std::string>& names,
                                      const std::vector<std::string>& by_default);

// Whether `name` has the form of the glob `pattern`.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace virt

#endif  // VIRT_EXPORTER_SELECTION_H_
