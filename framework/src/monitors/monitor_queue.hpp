// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "async/loose_thread.hpp"
#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::monitors {

/// A monitor that finishes nothing in this time is not waited for any longer.
inline constexpr std::chrono::seconds kPatience{2};

/// One monitor with its queue and thread. Thread-safe.
class MonitorQueue {
 public:
  /// `log` must outlive it.
  MonitorQueue(std::string id, std::shared_ptr<Monitor> monitor, const LogCallback& log);
  /// Delivers the queued events and flushes. A monitor that does not return keeps its thread.
  ~MonitorQueue();

  void push(std::shared_ptr<const MonitorEvent> event);
  /// Waits until what was pushed so far is delivered, and flushes.
  void flush();

 private:
  /// What the thread uses, which may outlive the queue.
  struct Shared {
    std::mutex mutex;  // guards what follows; not held while the monitor runs
    std::condition_variable changed;
    std::deque<std::shared_ptr<const MonitorEvent>> queue;  // null: flush
    std::uint64_t pushed = 0, done = 0, lost = 0;
    Status flushed = Done{};
    bool ending = false;
    bool idle = false;  // the thread waits for events
    int waiting = 0;    // who waits until something is done
  };

  static void run(Shared& shared, Monitor& monitor);
  void ask_to_flush();
  bool wait_until_done();
  void report();

  const std::string id_;
  const LogCallback& log_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  async::LooseThread thread_;
};

}  // namespace tachikoma::monitors
