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

/// A moment of a generation. All moments share one event, and the last one is that event.
struct Moment {
  /// Up to the last moment, only the request, the provider and the model are there; they stay as they are.
  std::shared_ptr<const MonitorEvent> event;
  MonitorEvent::Kind kind = MonitorEvent::Kind::started;
  std::chrono::system_clock::time_point time = {};
  std::chrono::nanoseconds elapsed{0};

  bool is_last() const { return kind == MonitorEvent::Kind::finished || kind == MonitorEvent::Kind::failed; }
};

/// One monitor with its queue and thread. Thread-safe.
class MonitorQueue {
 public:
  MonitorQueue(std::string id, std::shared_ptr<Monitor> monitor, LogCallback log);
  /// Delivers the queued events and flushes. A monitor that does not return keeps its thread.
  ~MonitorQueue();

  const std::string& id() const { return id_; }
  bool wants_content() const { return wants_content_; }
  void push(const Moment& moment);
  /// Waits until what was pushed so far is delivered, and flushes; returns at once on the monitor's own
  /// thread.
  void flush();
  /// Delivers what was pushed so far and flushes, as the destructor does; on the monitor's own thread it does
  /// not: the thread ends when the monitor returns. What is pushed afterwards is dropped.
  void end();
  /// How many events were pushed and dropped because the monitor was too slow.
  std::uint64_t missed() const;

 private:
  /// What the thread uses, which may outlive the queue.
  struct Shared {
    std::mutex mutex;  // guards what follows; not held while the monitor runs
    std::condition_variable changed;
    std::deque<Moment> queue;  // without an event: flush
    std::uint64_t pushed = 0, done = 0;
    std::uint64_t lost = 0, reported = 0;  // of those, the log was told
    Status flushed = Done{};
    bool ending = false;  // takes no more events
    bool left = false;    // what waits is not delivered any more
    bool idle = false;    // the thread has to be woken for events
    int waiting = 0;      // who waits until something is done
  };

  static void run(Shared& shared, Monitor& monitor);
  static void wait_for_work(Shared& shared, std::unique_lock<std::mutex>& lock);
  bool ask_to_flush();
  bool wait_until_done();
  void report();
  bool runs_here() const;

  const std::string id_;
  const bool wants_content_;
  const LogCallback log_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  async::LooseThread thread_;
};

}  // namespace tachikoma::monitors
