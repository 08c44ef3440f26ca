// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "models/residents.hpp"
#include "monitors/monitor_hub.hpp"
#include "plugins/host_log.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::monitors {

/// Reports one generation to the log and the monitors: it starts once and ends once, however often
/// a provider is called for it. Where nobody wants to know of it, all of this does nothing.
class GenerationEvents {
 public:
  /// The model that is asked from now on.
  struct Asked {
    const std::string& provider;
    const std::string& model;
    std::size_t fallbacks;  ///< models that could not answer before it
  };

  GenerationEvents(MonitorHub& monitors, const LogCallback& log, std::string id)
      : monitors_(monitors), log_(log), logs_(plugins::wants(log, Severity::debug)), id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  void started(const Asked& asked, const std::vector<Message>& messages);
  void fell_back(const Asked& asked);
  /// A server is asked; `again`: after a failure, with the same request.
  void asks(const std::string& server, bool again);
  /// It has answered.
  void answered();
  /// What its waits for models are added to; or null.
  models::WaitTimes* waits() { return event_ ? &waits_ : nullptr; }
  void queued(std::chrono::nanoseconds time) { waits_.queue += time; }
  /// Its server has loaded the model itself.
  void loaded(std::chrono::nanoseconds time) { waits_.load += time; }
  void used(const std::string& tool, std::chrono::nanoseconds time, bool failed);
  void first_token();
  /// `reply` as far as it got.
  void failed(const Error& error, const Reply& reply);
  void finished(const Reply& reply);

 private:
  using Clock = std::chrono::steady_clock;
  Moment now(MonitorEvent::Kind kind) const;
  void name(const Asked& asked);
  void log_model(const Asked& asked);
  void publish_last(MonitorEvent::Kind kind, const Reply& reply);
  void write_log(const std::string& text) { log_(Severity::debug, provider_, id_ + ": " + text); }

  MonitorHub& monitors_;
  const LogCallback& log_;
  const bool logs_;  // there is no use in lines that nobody sees
  const std::string id_;
  std::string provider_;  // for the log
  // Of the generation; null if nobody wants it, or not any more. Once it is published, the monitors read the
  // request, the provider and the model; the other members are written here until the last moment.
  std::shared_ptr<MonitorEvent> event_;
  models::WaitTimes waits_;
  Clock::time_point start_{};
  std::chrono::system_clock::time_point start_time_{};
};

/// The times of a generation. `first_token` is of its first step, `decode_time` of all; zero where no token
/// arrived.
Metrics measure(std::chrono::steady_clock::time_point start,
                std::chrono::steady_clock::time_point first_token, std::chrono::nanoseconds decode_time);

}  // namespace tachikoma::monitors
