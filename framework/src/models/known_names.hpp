// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/model_registry.hpp"

namespace tachikoma::models {

/// What names resolve to, as long as no list of models changes: nearly every request has the name of the one
/// before it. Thread-safe.
class KnownNames {
 public:
  using Model = std::shared_ptr<const ResolvedModel>;

  /// Null if it is not known with the lists of that version.
  Model find(std::string_view name, std::uint64_t version) const {
    const std::lock_guard lock(mutex_);
    if (version_ != version) return nullptr;
    const auto found = models_.find(name);
    return found == models_.end() ? nullptr : found->second;
  }
  /// `version` is that of the lists before the name was looked up in them.
  void keep(std::string_view name, std::uint64_t version, Model model) {
    const std::lock_guard lock(mutex_);
    if (version_ != version || models_.size() >= kMost) models_.clear();
    version_ = version;
    models_.insert_or_assign(std::string(name), std::move(model));
  }

 private:
  static constexpr std::size_t kMost = 100;

  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t version_ = 0;
  std::map<std::string, Model, std::less<>> models_;
};

}  // namespace tachikoma::models
