// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// Hands events to monitors, each on a thread and from a bounded queue of its own: a slow one loses
/// events, which are counted and logged, and a failing one is logged; neither is felt by a generation.
class MonitorHub {
 public:
  explicit MonitorHub(LogCallback log);
  /// Delivers what is queued, flushes every monitor and destroys it.
  ~MonitorHub();

  void add(std::string id, std::shared_ptr<Monitor> monitor);
  bool empty() const { return queues_.empty(); }
  /// Never blocks on a monitor. [thread-safe]
  void publish(const MonitorEvent& event);
  /// Waits until everything published so far was delivered, and flushes. [thread-safe]
  void flush();

 private:
  class MonitorQueue;
  LogCallback log_;
  std::vector<std::unique_ptr<MonitorQueue>> queues_;
};

}  // namespace tachikoma
