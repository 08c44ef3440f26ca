// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tachikoma {

/// Threads for blocking work: tools, and calls of providers without `chat-async`. Started when
/// needed, at most `max_threads`; further jobs wait in a queue. Thread-safe.
class Workers {
 public:
  /// Must not throw.
  using Job = std::function<void()>;

  explicit Workers(std::size_t max_threads) : max_threads_(max_threads) {}
  /// Runs the queued jobs, and joins.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs `job` on a worker. Throws std::system_error when the first thread can't be started.
  void run(Job job);

 private:
  void work();

  const std::size_t max_threads_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tachikoma
