// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace tachikoma::async {

/// A thread whose owner does not wait for ever: if it does not end in time, it is left to itself. `job` must
/// own all that it uses.
class LooseThread {
 public:
  /// Throws std::system_error.
  explicit LooseThread(std::function<void()> job);
  /// Leaves it to itself unless it was joined.
  ~LooseThread();
  LooseThread(const LooseThread&) = delete;
  LooseThread& operator=(const LooseThread&) = delete;

  /// Joins it if it ends within that time; false if not.
  bool join_within(std::chrono::milliseconds time);
  /// As the system numbers it, for messages; 0 before it runs.
  int number() const;

 private:
  struct State {
    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    bool ended = false;
    int number = 0;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

}  // namespace tachikoma::async
