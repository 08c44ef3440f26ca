// SPDX-License-Identifier: MIT
// What `UsageMonitor` has counted, for programs (docs/json.md) and for people.
#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/sourced_json.hpp"
#include "tachikoma/usage_monitor.hpp"

namespace tachikoma {
namespace {

Value count(std::size_t number) { return Value(static_cast<std::int64_t>(number)); }

Value sum_value(const TokenSum& tokens) {
  Value sum = sourced_value(tokens.sum, "tokens");
  sum.set("known", count(tokens.known));
  sum.set("unknown", count(tokens.unknown));
  return sum;
}

Value times_value(const TimeSummary& times) {
  return Value::object({{"count", count(times.count)},
                        {"mean", sourced_value(times.mean)},
                        {"p50", sourced_value(times.p50)},
                        {"p90", sourced_value(times.p90)},
                        {"p99", sourced_value(times.p99)},
                        {"max", sourced_value(times.max)}});
}

Value summary_value(const UsageSummary& usage) {
  return Value::object({{"requests", count(usage.requests)},
                        {"failed", count(usage.failed)},
                        {"cancelled", count(usage.cancelled)},
                        {"prompt_tokens", sum_value(usage.prompt_tokens)},
                        {"completion_tokens", sum_value(usage.completion_tokens)},
                        {"reasoning_tokens", sum_value(usage.reasoning_tokens)},
                        {"cached_tokens", sum_value(usage.cached_tokens)},
                        {"total_tokens", sum_value(usage.total_tokens)},
                        {"tokens_per_second", sourced_value(usage.tokens_per_second, "tokens/s")},
                        {"total_time", times_value(usage.total_time)},
                        {"time_to_first_token", times_value(usage.time_to_first_token)},
                        {"queue_time", times_value(usage.queue_time)},
                        {"load_time", times_value(usage.load_time)},
                        {"steps", count(usage.steps)},
                        {"retries", count(usage.retries)},
                        {"fallbacks", count(usage.fallbacks)},
                        {"switches", count(usage.switches)},
                        {"cache_hits", count(usage.cache_hits)},
                        {"tool_runs", count(usage.tool_runs)},
                        {"failed_tool_runs", count(usage.failed_tool_runs)}});
}

std::string seconds_text(std::chrono::duration<double> time) { return base::decimal(time.count(), 3) + " s"; }

std::string described(const UsageSummary& usage) {
  std::string text = std::to_string(usage.requests) + (usage.requests == 1 ? " request" : " requests");
  if (usage.failed > 0) text += ", " + std::to_string(usage.failed) + " failed";
  if (usage.cancelled > 0) text += ", " + std::to_string(usage.cancelled) + " cancelled";
  if (usage.cache_hits > 0) text += ", " + std::to_string(usage.cache_hits) + " from the cache";
  for (const auto& [tokens, name] : {std::pair{&usage.prompt_tokens, " prompt tokens"},
                                     std::pair{&usage.completion_tokens, " completion tokens"}})
    if (tokens->sum)
      text += ", " + std::to_string(tokens->sum.value) + name +
              (tokens->unknown > 0 ? " (of " + std::to_string(tokens->known) + ")" : "");
  if (usage.tokens_per_second) text += ", " + base::decimal(usage.tokens_per_second.value) + " tokens/s";
  if (usage.total_time.count > 0)
    text += ", " + seconds_text(usage.total_time.mean.value) + " on average, " +
            seconds_text(usage.total_time.max.value) + " at most";
  return text;
}

}  // namespace

Value to_value(const UsageStatistics& statistics) {
  return Value::object({{"since", std::chrono::duration<double>(statistics.since.time_since_epoch()).count()},
                        {"missed", static_cast<std::int64_t>(statistics.missed)},
                        {"overall", summary_value(statistics.overall)},
                        {"models", base::array_of(statistics.models, [](const ModelUsage& each) {
                           return Value::object({{"provider", each.provider},
                                                 {"model", each.model},
                                                 {"usage", summary_value(each.usage)}});
                         })}});
}

std::vector<std::string> describe(const UsageStatistics& statistics) {
  std::vector<std::string> lines = {"all: " + described(statistics.overall)};
  for (const ModelUsage& each : statistics.models)
    lines.push_back(each.provider + "::" + each.model + ": " + described(each.usage));
  if (statistics.missed > 0)
    lines.push_back(std::to_string(statistics.missed) + " more are missing: the callback was too slow");
  return lines;
}

}  // namespace tachikoma
