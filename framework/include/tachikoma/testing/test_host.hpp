// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "tachikoma/plugin/host.hpp"

namespace tachikoma::testing {

/// A host for a component that a test makes itself: it records log lines, and has no capability.
/// [thread-safe]
class TestHost final : public Host {
 public:
  void log(Severity severity, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_ += std::string(to_string(severity)) + ": " + std::string(text) + "\n";
  }
  void* capability(std::string_view) override { return nullptr; }

  /// What was logged so far, a line each: "warning: the file is gone".
  std::string lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::string lines_;
};

}  // namespace tachikoma::testing
