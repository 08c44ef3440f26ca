// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Sends LM Studio's log to its followers. Thread-safe.
class LogBroadcast {
 public:
  /// Called with each message by the thread that logs it, one at a time.
  using Listener = std::function<void(const JsonValue& message)>;
  /// Follows the log while the object lives.
  class Follower {
   public:
    Follower(LogBroadcast& feed, Listener listener);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

   private:
    LogBroadcast& feed_;
    const Listener listener_;
    friend class LogBroadcast;
  };

  /// Sends an event; `data` includes its `type`.
  void publish(const JsonValue& data);
  /// A line of the server's own log.
  void server(std::string_view level, std::string_view content);
  /// A prompt, as its model sees it.
  void prediction_input(std::string_view instance, std::string_view path, std::string_view prompt);
  /// An answer; `stats` as at the end of a prediction, or null.
  void prediction_output(std::string_view instance, std::string_view text, const JsonValue& stats);

 private:
  std::mutex mutex_;
  std::vector<const Follower*> followers_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
