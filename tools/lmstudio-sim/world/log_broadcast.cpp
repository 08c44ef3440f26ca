// SPDX-License-Identifier: MIT
#include "world/log_broadcast.hpp"

#include <chrono>

namespace lmstudio_sim {

LogBroadcast::Follower::Follower(LogBroadcast& feed, Listener listener)
    : feed_(feed), listener_(std::move(listener)) {
  const std::lock_guard lock(feed_.mutex_);
  feed_.followers_.push_back(this);
}

LogBroadcast::Follower::~Follower() {
  const std::lock_guard lock(feed_.mutex_);
  std::erase(feed_.followers_, this);
}

void LogBroadcast::publish(const JsonValue& data) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const JsonValue message = JsonValue::object(
      {{"type", "log"},
       {"log",
        JsonValue::object({{"timestamp", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
                           {"data", data}})}});
  const std::lock_guard lock(mutex_);  // followers stay registered meanwhile
  for (const Follower* follower : followers_) follower->listener_(message);
}

void LogBroadcast::server(std::string_view level, std::string_view content) {
  publish(JsonValue::object({{"type", "server.log"}, {"level", level}, {"content", content}}));
}

void LogBroadcast::prediction_input(std::string_view instance, std::string_view path,
                                    std::string_view prompt) {
  publish(JsonValue::object({{"type", "llm.prediction.input"},
                             {"input", prompt},
                             {"modelPath", path},
                             {"modelIdentifier", instance}}));
}

void LogBroadcast::prediction_output(std::string_view instance, std::string_view text,
                                     const JsonValue& stats) {
  JsonValue data =
      JsonValue::object({{"type", "llm.prediction.output"}, {"output", text}, {"modelIdentifier", instance}});
  if (!stats.is_null()) data.set("stats", stats);
  publish(data);
}

}  // namespace lmstudio_sim
