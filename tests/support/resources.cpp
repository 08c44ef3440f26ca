// SPDX-License-Identifier: MIT
#include "support/resources.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace tachikoma::testing {

Resources::Resources() {
  // the listing opens the folder that it lists: that one is left out
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone && target.rfind("/proc/", 0) != 0) descriptors.push_back(target);
  }
  std::sort(descriptors.begin(), descriptors.end());
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  threads = static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::ostream& operator<<(std::ostream& out, const Resources& resources) {
  out << resources.threads << " threads";
  for (const std::string& each : resources.descriptors) out << ", " << each;
  return out;
}

}  // namespace tachikoma::testing
