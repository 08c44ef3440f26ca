// SPDX-License-Identifier: MIT
#include "monitors/generation_events.hpp"

#include <utility>

namespace tachikoma::monitors {
namespace {

Sourced<std::chrono::nanoseconds> measured(std::chrono::nanoseconds time, const char* how) {
  return {time, Source::measured, how};
}

}  // namespace

void GenerationEvents::started(const Asked& asked, const std::vector<Message>& messages) {
  log_model(asked);
  if (monitors_.empty()) return;
  event_ = monitors_.new_event();
  event_->request_id = id_;
  event_->steps = 0;
  name(asked);
  if (monitors_.wants_content()) event_->asked = messages;
  start_ = Clock::now();
  start_time_ = std::chrono::system_clock::now();
  monitors_.publish(now(MonitorEvent::Kind::started));
}

void GenerationEvents::fell_back(const Asked& asked) {
  log_model(asked);
  if (!event_) return;
  const std::shared_ptr<MonitorEvent> before = std::exchange(event_, monitors_.new_event());
  *event_ = *before;  // which stays as it is
  name(asked);
}

void GenerationEvents::name(const Asked& asked) {
  event_->provider = asked.provider;
  event_->model = asked.model;
  event_->fallbacks = asked.fallbacks;
}

void GenerationEvents::log_model(const Asked& asked) {
  if (!logs_) return;
  provider_ = asked.provider;
  write_log("asks for '" + asked.model + "'");
}

void GenerationEvents::asks(const std::string& server, bool again) {
  if (!event_) return;
  event_->server = server;
  if (again) ++event_->retries;
}

void GenerationEvents::answered() {
  if (event_) ++event_->steps;
}

void GenerationEvents::used(const std::string& tool, std::chrono::nanoseconds time, bool failed) {
  if (event_) event_->tool_uses.push_back({tool, time, failed});
}

void GenerationEvents::first_token() {
  if (event_) monitors_.publish(now(MonitorEvent::Kind::first_token));
}

void GenerationEvents::failed(const Error& error, const Reply& reply) {
  if (logs_) write_log("failed: " + error.message);
  if (!event_) return;
  event_->error = error;
  publish_last(MonitorEvent::Kind::failed, reply);
}

void GenerationEvents::finished(const Reply& reply) {
  if (logs_) write_log("finished: " + std::string(to_string(reply.finish)));
  if (!event_) return;
  event_->served_model = reply.model;
  event_->steps = reply.steps;
  event_->time_to_first_token = reply.metrics.time_to_first_token;
  event_->cached = reply.cached;
  event_->decode_time = reply.metrics.decode_time.value;
  event_->tokens_per_second = reply.metrics.tokens_per_second;
  event_->prompt_tokens_per_second = reply.metrics.prompt_tokens_per_second;
  event_->usage = reply.usage;
  event_->finish = reply.finish;
  event_->extra = reply.extra;
  publish_last(MonitorEvent::Kind::finished, reply);
}

Moment GenerationEvents::now(MonitorEvent::Kind kind) const {
  const std::chrono::nanoseconds elapsed =
      kind == MonitorEvent::Kind::started ? Clock::duration(0) : Clock::now() - start_;
  return {event_, kind, start_time_ + elapsed, elapsed};
}

void GenerationEvents::publish_last(MonitorEvent::Kind kind, const Reply& reply) {
  event_->queue_time = waits_.queue;
  event_->load_time = waits_.load;
  event_->displaced = std::move(waits_.displaced);
  if (!event_->asked.empty()) event_->answered = reply.messages;
  const Moment moment = now(kind);
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
