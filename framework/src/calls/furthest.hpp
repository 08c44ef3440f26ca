// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tachikoma::calls {

/// How far a call has come, to tell a server that gets on from one that only repeats itself.
class Furthest {
 public:
  /// True if `done` is further than `what` ever was. A first report of nothing done is none.
  bool advances(std::string_view what, double done) {
    constexpr std::size_t kNames = 16;  // more than any server has; others don't count
    auto found = reached_.find(what);
    if (found == reached_.end()) {
      if (reached_.size() == kNames) return false;
      found = reached_.emplace(what, 0).first;
    }
    if (!(done > found->second)) return false;
    found->second = done;
    return true;
  }

 private:
  std::map<std::string, double, std::less<>> reached_;
};

}  // namespace tachikoma::calls
