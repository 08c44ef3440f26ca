// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::calls {

/// The model of each instance: a cassette names models by their keys, whatever they were loaded as.
/// Thread-safe.
class InstanceKeys {
 public:
  void add(const std::string& instance, const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (instance != key) keys_.insert_or_assign(instance, key);
  }
  void add(const std::vector<ModelInfo>& models) {
    for (const ModelInfo& model : models)
      for (const ModelInstance& instance : model.instances) add(instance.id, model.key);
  }
  /// `name` itself if it is no instance's.
  std::string key_of(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(name);
    return found == keys_.end() ? std::string(name) : found->second;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, std::string, std::less<>> keys_;
};

}  // namespace tachikoma::calls
