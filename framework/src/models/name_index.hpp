// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"

namespace tachikoma::models {

/// Elements of one vector by name, in any case of letters: of very many, it finds the few that a name may
/// mean.
template <class T>
class NameIndex {
 public:
  void add(std::string_view name, const T& element) { add_ends(name, {}, element, false); }
  /// By each end of `path` after a '/', and by all of it; with `behind` behind it.
  void add_ends(std::string_view path, std::string_view behind, const T& element) {
    add_ends(path, behind, element, true);
  }

  /// After the last was added.
  void sort() {
    std::sort(added_.begin(), added_.end());
    added_.erase(std::unique(added_.begin(), added_.end()), added_.end());
    for (const auto& [hash, element] : std::exchange(added_, {})) {
      hashes_.push_back(hash);
      elements_.push_back(element);
    }
  }

  /// In their order: all that have this name, and rarely one more, whose name has the same hash.
  std::span<const T* const> find(std::string_view name) const {
    if (hashes_.empty()) return {};
    const auto [first, last] = std::equal_range(hashes_.begin(), hashes_.end(), hashed(kStart, name));
    return std::span(elements_).subspan(static_cast<std::size_t>(first - hashes_.begin()),
                                        static_cast<std::size_t>(last - first));
  }

 private:
  // FNV-1a from the last character to the first, so that all ends of a path are hashed in one go.
  static constexpr std::uint64_t kStart = 0xCBF29CE484222325;

  static std::uint64_t hashed(std::uint64_t hash, char next) {
    return (hash ^ static_cast<unsigned char>(base::to_lower(next))) * 0x100000001B3;
  }
  static std::uint64_t hashed(std::uint64_t hash, std::string_view name) {
    for (std::size_t i = name.size(); i-- > 0;) hash = hashed(hash, name[i]);
    return hash;
  }

  void add_ends(std::string_view path, std::string_view behind, const T& element, bool each) {
    std::uint64_t hash = hashed(kStart, behind);
    for (std::size_t i = path.size(); i-- > 0;) {
      hash = hashed(hash, path[i]);
      if (i == 0 || (each && path[i - 1] == '/')) added_.emplace_back(hash, &element);
    }
  }

  std::vector<std::pair<std::uint64_t, const T*>> added_;
  std::vector<std::uint64_t> hashes_;  // of the names of the elements
  std::vector<const T*> elements_;
};

}  // namespace tachikoma::models
