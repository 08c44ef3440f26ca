// SPDX-License-Identifier: MIT
#include "monitors/generation_events.hpp"

#include <utility>

namespace tachikoma::monitors {
namespace {

Sourced<std::chrono::nanoseconds> measured(std::chrono::nanoseconds time, const char* how) {
  return {time, Source::measured, how};
}

}  // namespace

void GenerationEvents::asked(const std::string& provider, const std::string& model) {
  if (!monitors_.empty()) {
    event_ = std::make_shared<MonitorEvent>();
    event_->request_id = id_;
    event_->provider = provider;
    event_->model = model;
  }
  if (!logs_) return;
  provider_ = provider;
  write_log("asks for '" + model + "'");
}

void GenerationEvents::started() {
  if (!event_) return;
  start_ = Clock::now();
  start_time_ = std::chrono::system_clock::now();
  monitors_.publish(now(MonitorEvent::Kind::started));
}

void GenerationEvents::first_token() {
  if (event_) monitors_.publish(now(MonitorEvent::Kind::first_token));
}

void GenerationEvents::failed(const Error& error) {
  if (logs_) write_log("failed: " + error.message);
  if (!event_) return;
  event_->error = error;
  publish_last(now(MonitorEvent::Kind::failed));
}

void GenerationEvents::finished(const Reply& reply) {
  if (logs_) write_log("finished: " + std::string(to_string(reply.finish)));
  if (!event_) return;
  event_->served_model = reply.model;
  event_->cached = reply.cached;
  event_->decode_time = reply.metrics.decode_time.value;
  event_->tokens_per_second = reply.metrics.tokens_per_second;
  event_->usage = reply.usage;
  event_->finish = reply.finish;
  publish_last(now(MonitorEvent::Kind::finished));
}

Moment GenerationEvents::now(MonitorEvent::Kind kind) const {
  const std::chrono::nanoseconds elapsed =
      kind == MonitorEvent::Kind::started ? Clock::duration(0) : Clock::now() - start_;
  return {event_, kind, start_time_ + elapsed, elapsed};
}

void GenerationEvents::publish_last(Moment moment) {
  event_->kind = moment.kind;
  event_->time = moment.time;
  event_->elapsed = moment.elapsed;
  event_.reset();  // it is the monitors' now
  monitors_.publish(moment);
}

Metrics measure(std::chrono::steady_clock::time_point start,
                std::chrono::steady_clock::time_point first_token, std::chrono::nanoseconds decode_time) {
  Metrics metrics;
  metrics.total_time = measured(std::chrono::steady_clock::now() - start, "the call, start to end");
  if (first_token == std::chrono::steady_clock::time_point{}) {
    metrics.time_to_first_token.basis = metrics.decode_time.basis = "no token came";
    return metrics;
  }
  metrics.time_to_first_token = measured(first_token - start, "the call's start to its first delta");
  metrics.decode_time = measured(decode_time, "the first delta to the end");
  return metrics;
}

}  // namespace tachikoma::monitors
