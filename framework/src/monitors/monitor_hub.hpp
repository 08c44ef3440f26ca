// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "monitors/added_monitors.hpp"
#include "monitors/monitor_queue.hpp"
#include "monitors/spare_events.hpp"

namespace tachikoma {

/// Passes events to monitors, each on its own thread and from its own bounded queue: a slow one misses
/// events, which is counted and logged, and a failing one is logged; neither delays a generation.
class MonitorHub {
 public:
  explicit MonitorHub(LogCallback log);
  /// With what the program has added to `before`, and will add.
  MonitorHub(LogCallback log, const MonitorHub& before);
  /// Delivers the queued events, then flushes and destroys every monitor that no other hub shares; but one
  /// that does not return keeps its thread, and is destroyed there.
  ~MonitorHub();

  void add(std::string id, std::shared_ptr<Monitor> monitor);
  /// The monitor of that id in `other`, which has it too from now on, with its queue.
  void share(std::string_view id, const MonitorHub& other);
  /// Those that the program adds and removes while it runs; they get the last event of each generation only.
  /// All configurations of a runtime have the same. [thread-safe]
  const std::shared_ptr<monitors::AddedMonitors>& added() const { return added_; }
  const LogCallback& log() const { return log_; }

  bool empty() const { return queues_.empty() && added_->empty(); }
  std::shared_ptr<MonitorEvent> new_event() const { return spare_events_->take(); }
  /// Whether a monitor wants to have what was said.
  bool wants_content() const { return wants_content_; }
  /// Never blocks on a monitor. [thread-safe]
  void publish(const monitors::Moment& moment);
  /// Waits until all events published so far are delivered, and flushes; but not for a monitor that does not
  /// return. [thread-safe]
  void flush();

 private:
  LogCallback log_;
  std::vector<std::shared_ptr<monitors::MonitorQueue>> queues_;
  bool wants_content_ = false;
  const std::shared_ptr<monitors::AddedMonitors> added_;
  const std::shared_ptr<monitors::SpareEvents> spare_events_ = std::make_shared<monitors::SpareEvents>();
};

}  // namespace tachikoma
