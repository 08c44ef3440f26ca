// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::llamacpp {

/// Distributes the output of a provider's servers to followers. [thread-safe]
class LogFeed {
 public:
  /// The most lines queued for one follower; more are lost, and the loss is reported.
  static constexpr std::size_t kMaxQueued = 4096;
  /// How many of the latest lines are kept for the first follower.
  static constexpr std::size_t kMaxKept = 256;

  /// Adds a line of the instance `id`. Never waits for a follower.
  void add(std::string_view id, std::string_view line);
  /// As `ServerLog::follow`.
  Status follow(ServerLogSink& sink, const CallContext& context);

 private:
  struct Line {
    Severity severity;
    std::string text;
  };
  struct Follower {
    std::deque<Line> waiting;
    std::size_t lost = 0;
    std::condition_variable changed;
  };

  static Flow deliver(const std::deque<Line>& lines, std::size_t lost, ServerLogSink& sink);

  std::mutex mutex_;  // guards what follows, the followers' contents too
  std::vector<Follower*> followers_;
  std::deque<Line> kept_;
};

}  // namespace tachikoma::llamacpp
