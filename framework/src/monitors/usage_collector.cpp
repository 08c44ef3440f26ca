// SPDX-License-Identifier: MIT
#include "monitors/usage_collector.hpp"

#include <cxxabi.h>

#include "plugins/guard.hpp"

namespace tachikoma::monitors {
namespace {

/// A program may ask for any name; each takes some KiB.
constexpr std::size_t kMostModels = 200;

GenerationUsage::Outcome outcome_of(const MonitorEvent& event) {
  using Outcome = GenerationUsage::Outcome;
  const bool failed = event.kind == MonitorEvent::Kind::failed;
  if (failed ? event.error.code == ErrorCode::cancelled : event.finish == Finish::cancelled)
    return Outcome::cancelled;
  return failed ? Outcome::failed : Outcome::finished;
}

GenerationUsage usage_of(const MonitorEvent& event) {
  return {.outcome = outcome_of(event),
          .time = event.time,
          .request_id = event.request_id,
          .provider = event.provider,
          .model = event.model,
          .served_model = event.served_model,
          .server = event.server,
          .error = event.error,
          .finish = event.finish,
          .usage = event.usage,
          .total_time = event.elapsed,
          .time_to_first_token = event.time_to_first_token,
          .tokens_per_second = event.tokens_per_second,
          .prompt_tokens_per_second = event.prompt_tokens_per_second,
          .queue_time = event.queue_time,
          .load_time = event.load_time,
          .displaced = event.displaced,
          .steps = event.steps,
          .retries = event.retries,
          .fallbacks = event.fallbacks,
          .tool_uses = event.tool_uses,
          .cached = event.cached};
}

}  // namespace

void UsageCollector::on_event(const MonitorEvent& event) {
  if (event.kind != MonitorEvent::Kind::finished && event.kind != MonitorEvent::Kind::failed) return;
  const GenerationUsage generation = usage_of(event);
  std::shared_ptr<const UsageCallback> callback;
  {
    const std::lock_guard lock(mutex_);
    overall_.add(generation);
    const std::pair name(generation.provider, generation.model);
    if (models_.size() < kMostModels || models_.contains(name)) models_[name].add(generation);
    callback = callback_;
  }
  if (!callback) return;
  try {
    (*callback)(generation);
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread cancellation must propagate
  } catch (...) {
    report_exception(plugins::describe_current_exception());
  }
}

// Only the 1st, 10th, 100th … is logged: a callback that always throws must not flood the log.
void UsageCollector::report_exception(const std::string& thrown) {
  const std::uint64_t number = ++thrown_;
  std::uint64_t count = number;
  while (count > 1 && count % 10 == 0) count /= 10;
  if (count != 1 || !log_) return;
  log_(Severity::error, "usage",
       "on_generation " + thrown + (number > 1 ? " (" + std::to_string(number) + "th time)" : ""));
}

void UsageCollector::set_callback(UsageCallback callback) {
  auto next = callback ? std::make_shared<const UsageCallback>(std::move(callback)) : nullptr;
  const std::lock_guard lock(mutex_);
  callback_.swap(next);  // the last one is released without the lock
}

UsageStatistics UsageCollector::statistics() const {
  const std::lock_guard lock(mutex_);
  UsageStatistics statistics{.since = since_, .overall = overall_.summary()};
  for (const auto& [name, tally] : models_)
    statistics.models.push_back({name.first, name.second, tally.summary()});
  return statistics;
}

}  // namespace tachikoma::monitors
