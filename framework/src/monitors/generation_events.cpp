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
  if (monitors_.empty() && !logs_) return;
  provider_ = provider;
  model_ = model;
  if (logs_) write_log("asks for '" + model_ + "'");
}

void GenerationEvents::started() {
  if (!monitors_.empty()) start_ = Clock::now();
  publish(MonitorEvent::Kind::started, [](MonitorEvent&) {});
}

void GenerationEvents::first_token() {
  publish(MonitorEvent::Kind::first_token, [](MonitorEvent&) {});
}

void GenerationEvents::failed(const Error& error) {
  if (logs_) write_log("failed: " + error.message);
  publish(MonitorEvent::Kind::failed, [&](MonitorEvent& event) { event.error = error; });
}

void GenerationEvents::finished(const Reply& reply) {
  if (logs_) write_log("finished: " + std::string(to_string(reply.finish)));
  publish(MonitorEvent::Kind::finished, [&](MonitorEvent& event) {
    event.served_model = reply.model;
    event.decode_time = reply.metrics.decode_time.value;
    event.tokens_per_second = reply.metrics.tokens_per_second;
    event.usage = reply.usage;
    event.finish = reply.finish;
  });
}

template <class Fill>
void GenerationEvents::publish(MonitorEvent::Kind kind, Fill fill) {
  if (monitors_.empty()) return;
  MonitorEvent event{.kind = kind,
                     .time = std::chrono::system_clock::now(),
                     .request_id = id_,
                     .provider = provider_,
                     .model = model_,
                     .elapsed = Clock::now() - start_};
  fill(event);
  monitors_.publish(std::move(event));
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
