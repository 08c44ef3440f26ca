// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "monitors/usage_tally.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::monitors {

/// Counts the generations that end, and tells the program of each. Thread-safe.
class UsageCollector final : public Monitor {
 public:
  /// What the callback throws is written to `log`.
  explicit UsageCollector(LogCallback log) : log_(std::move(log)) {}

  void on_event(const MonitorEvent& event) override;
  void set_callback(UsageCallback callback);
  /// Without `missed`.
  UsageStatistics statistics() const;

 private:
  void report_exception(const std::string& thrown);

  const LogCallback log_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  std::uint64_t thrown_ = 0;  // of the monitor's thread
  mutable std::mutex mutex_;  // guards what follows; not held while the callback runs
  std::shared_ptr<const UsageCallback> callback_;
  UsageTally overall_;
  std::map<std::pair<std::string, std::string>, UsageTally> models_;  // by provider and model
};

}  // namespace tachikoma::monitors
