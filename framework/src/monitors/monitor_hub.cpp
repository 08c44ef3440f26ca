// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace tachikoma {
namespace {

constexpr std::size_t kQueueLimit = 1024;

}  // namespace

/// One monitor with its queue and thread.
class MonitorHub::MonitorQueue {
 public:
  MonitorQueue(std::string id, std::shared_ptr<Monitor> monitor, const LogCallback& log)
      : id_(std::move(id)), monitor_(std::move(monitor)), log_(log), thread_([this] { run(); }) {}

  ~MonitorQueue() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
    report_lost();
    flush_monitor();
  }

  void push(const MonitorEvent& event) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() >= kQueueLimit) {
        ++lost_;
        return;
      }
      queue_.push_back(event);
      ++pushed_;
    }
    changed_.notify_all();
  }

  void flush() {
    {
      std::unique_lock lock(mutex_);
      const std::uint64_t goal = pushed_;
      changed_.wait(lock, [&] { return delivered_ >= goal; });
    }
    report_lost();
    flush_monitor();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const MonitorEvent event = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      monitor_->on_event(event);  // the guard catches and logs what it throws
      lock.lock();
      ++delivered_;
      changed_.notify_all();
    }
  }

  void flush_monitor() {
    if (const Status flushed = monitor_->flush(); !flushed)
      log_(Severity::warning, id_, "the monitor could not flush: " + flushed.error().message);
  }

  void report_lost() {
    std::uint64_t lost = 0;
    {
      const std::lock_guard lock(mutex_);
      lost = std::exchange(lost_, 0);
    }
    if (lost)
      log_(Severity::warning, id_, "the monitor is too slow: it missed " + std::to_string(lost) + " events");
  }

  const std::string id_;
  const std::shared_ptr<Monitor> monitor_;
  const LogCallback& log_;
  std::mutex mutex_;  // guards what follows, but the thread; not held while the monitor runs
  std::condition_variable changed_;
  std::deque<MonitorEvent> queue_;
  std::uint64_t pushed_ = 0, delivered_ = 0, lost_ = 0;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

MonitorHub::MonitorHub(LogCallback log) : log_(std::move(log)) {}
MonitorHub::~MonitorHub() = default;

void MonitorHub::add(std::string id, std::shared_ptr<Monitor> monitor) {
  queues_.push_back(std::make_unique<MonitorQueue>(std::move(id), std::move(monitor), log_));
}

void MonitorHub::publish(const MonitorEvent& event) {
  for (const auto& queue : queues_) queue->push(event);
}

void MonitorHub::flush() {
  for (const auto& queue : queues_) queue->flush();
}

}  // namespace tachikoma
