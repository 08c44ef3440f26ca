// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// The application's log, until its owner closes it: a thread that was written off may outlive what the
/// callback uses. Thread-safe.
class LogGate {
 public:
  explicit LogGate(LogCallback log) : log_(std::move(log)) {}

  /// Does nothing once it is closed. What the callback throws is lost: it must not end a plugin's call.
  void write(Severity severity, std::string_view who, const std::string& text) {
    const std::shared_lock lock(mutex_);
    if (!open_ || !log_) return;
    try {
      log_(severity, who, text);
    } catch (...) {
    }
  }
  /// Waits for the lines that are being written.
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }

 private:
  std::shared_mutex mutex_;  // guards `open_`; held, shared, while the callback runs: `close` waits for that
  bool open_ = true;
  const LogCallback log_;
};

}  // namespace tachikoma::plugins
