// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "monitors/monitor_hub.hpp"
#include "plugins/host_log.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::monitors {

/// Reports one generation to the log and the monitors: it starts once and ends once, however often
/// a provider is called for it.
class GenerationEvents {
 public:
  GenerationEvents(MonitorHub& monitors, const LogCallback& log, std::string id)
      : monitors_(monitors), log_(log), logs_(plugins::wants(log, Severity::debug)), id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  /// The provider and the model that are asked from now on.
  void asked(const std::string& provider, const std::string& model);
  void started();
  void first_token();
  void failed(const Error& error);
  void finished(const Reply& reply);

 private:
  using Clock = std::chrono::steady_clock;
  Moment now(MonitorEvent::Kind kind) const;
  void publish_last(Moment moment);
  void write_log(const std::string& text) { log_(Severity::debug, provider_, id_ + ": " + text); }

  MonitorHub& monitors_;
  const LogCallback& log_;
  const bool logs_;  // there is no use in lines that nobody sees
  const std::string id_;
  std::string provider_;                 // for the log
  std::shared_ptr<MonitorEvent> event_;  // of the generation; null if nobody wants it, or not any more
  Clock::time_point start_{};
  std::chrono::system_clock::time_point start_time_{};
};

/// The times of a generation. `first_token` is of its first step, `decode_time` of all; zero where no token
/// arrived.
Metrics measure(std::chrono::steady_clock::time_point start,
                std::chrono::steady_clock::time_point first_token, std::chrono::nanoseconds decode_time);

}  // namespace tachikoma::monitors
