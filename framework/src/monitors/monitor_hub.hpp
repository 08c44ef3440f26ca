// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// Passes events to monitors, each on its own thread and from its own bounded queue: a slow one misses
/// events, which is counted and logged, and a failing one is logged; neither delays a generation.
class MonitorHub {
 public:
  explicit MonitorHub(LogCallback log);
  /// Delivers the queued events, then flushes and destroys every monitor.
  ~MonitorHub();

  void add(std::string id, std::shared_ptr<Monitor> monitor);
  bool empty() const { return queues_.empty(); }
  /// Never blocks on a monitor. [thread-safe]
  void publish(const MonitorEvent& event);
  /// Waits until all events published so far are delivered, and flushes. [thread-safe]
  void flush();

 private:
  class MonitorQueue;
  LogCallback log_;
  std::vector<std::unique_ptr<MonitorQueue>> queues_;
};

}  // namespace tachikoma
