// SPDX-License-Identifier: MIT
#include "monitors/usage_tally.hpp"

#include <algorithm>
#include <string>

#include "base/sourced.hpp"

namespace tachikoma::monitors {
namespace {

using Outcome = GenerationUsage::Outcome;

std::string generations(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " generation" : " generations");
}

TimeSummary summary_of(const TimeHistogram& times) {
  using Time = Sourced<std::chrono::nanoseconds>;
  const auto count = static_cast<std::size_t>(times.count());
  if (count == 0) {
    const Time none = base::unknown<std::chrono::nanoseconds>("there was none to measure");
    return {0, none, none, none, none, none};
  }
  const std::string all = "of " + generations(count);
  const auto within = [&](double share) {
    return Time{times.percentile(share), Source::estimated, "within 1 %, " + all};
  };
  return {.count = count,
          .mean = {times.mean(), Source::measured, all},
          .p50 = within(0.5),
          .p90 = within(0.9),
          .p99 = within(0.99),
          .max = {times.max(), Source::measured, all}};
}

}  // namespace

void UsageTally::Tokens::add(const std::optional<std::int64_t>& count) {
  if (!count) return;
  sum += *count;
  ++known;
}

void UsageTally::Speed::add(const GenerationUsage& generation) {
  const Sourced<double>& speed = generation.tokens_per_second;
  const std::int64_t completion = generation.usage.completion_tokens.value_or(0);
  if (!speed || speed.value <= 0 || completion <= 0) return;
  tokens += static_cast<double>(completion);
  seconds += static_cast<double>(completion) / speed.value;
  ++known;
  source = std::max(source, speed.source);  // they are in the order of their certainty
}

void UsageTally::add(const GenerationUsage& generation) {
  ++counts_.requests;
  if (generation.outcome == Outcome::failed) ++counts_.failed;
  if (generation.outcome == Outcome::cancelled) ++counts_.cancelled;
  if (generation.cached)
    ++counts_.cache_hits;
  else
    add_answer(generation);
}

void UsageTally::add_answer(const GenerationUsage& generation) {
  counts_.steps += generation.steps;
  counts_.retries += generation.retries;
  counts_.fallbacks += generation.fallbacks;
  counts_.switches += generation.displaced.size();
  counts_.tool_runs += generation.tool_uses.size();
  for (const ToolUse& each : generation.tool_uses)
    if (each.failed) ++counts_.failed_tool_runs;
  prompt_.add(generation.usage.prompt_tokens);
  completion_.add(generation.usage.completion_tokens);
  reasoning_.add(generation.usage.reasoning_tokens);
  cached_.add(generation.usage.cached_tokens);
  total_.add(generation.usage.total_tokens());
  speed_.add(generation);
  if (generation.outcome == Outcome::finished) total_time_.add(generation.total_time);
  if (generation.time_to_first_token) first_token_.add(generation.time_to_first_token.value);
  queue_time_.add(generation.queue_time);
  load_time_.add(generation.load_time);
}

UsageSummary UsageTally::summary() const {
  UsageSummary summary = counts_;
  summary.prompt_tokens = sum_of(prompt_);
  summary.completion_tokens = sum_of(completion_);
  summary.reasoning_tokens = sum_of(reasoning_);
  summary.cached_tokens = sum_of(cached_);
  summary.total_tokens = sum_of(total_);
  summary.tokens_per_second = average();
  summary.total_time = summary_of(total_time_);
  summary.time_to_first_token = summary_of(first_token_);
  summary.queue_time = summary_of(queue_time_);
  summary.load_time = summary_of(load_time_);
  return summary;
}

TokenSum UsageTally::sum_of(const Tokens& tokens) const {
  const std::size_t all = counts_.requests - counts_.cache_hits;
  const std::size_t unknown = all - tokens.known;
  if (tokens.known == 0) return {base::unknown<std::int64_t>("no server has reported it"), 0, unknown};
  return {{tokens.sum, Source::reported,
           "the servers, of " + std::to_string(tokens.known) + " of " + generations(all)},
          tokens.known,
          unknown};
}

Sourced<double> UsageTally::average() const {
  if (speed_.known == 0) return base::unknown<double>("the speed of no generation is known");
  return {speed_.tokens / speed_.seconds, speed_.source,
          "completion tokens by the time of generating them, of " + std::to_string(speed_.known) + " of " +
              generations(counts_.requests)};
}

}  // namespace tachikoma::monitors
