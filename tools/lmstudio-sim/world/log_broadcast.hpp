// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// What LM Studio logs, for whoever follows it. Thread-safe.
class LogBroadcast {
 public:
  /// Called with each message, from the threads that log, one at a time.
  using Listener = std::function<void(const JsonValue& message)>;
  /// Somebody follows for as long as this object lives.
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

  /// Tells them; `data` is the event with its `type`.
  void publish(const JsonValue& data);
  /// A line of the server's own log.
  void server(std::string_view level, std::string_view content);
  /// What a model is asked, as it sees it.
  void prediction_input(std::string_view instance, std::string_view path, std::string_view prompt);
  /// What it answered; `stats` as the prediction's end has them, or null.
  void prediction_output(std::string_view instance, std::string_view text, const JsonValue& stats);

 private:
  std::mutex mutex_;
  std::vector<const Follower*> followers_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
