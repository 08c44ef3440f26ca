// SPDX-License-Identifier: MIT
#include "common/monitor/measurements.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/utf8.hpp"
#include "common/monitor/gen_ai.hpp"

namespace tachikoma::kit {
namespace {

using namespace gen_ai;

constexpr std::size_t kLongestName = 128;
constexpr char kOther[] = "other";

const std::array<Instrument, 17> kInstruments{{
    {kDuration, "s", "Time of a generation, start to end", kTimeBounds},
    {kTimeToFirstChunk, "s", "Time from the start of a generation to its first token", kTimeBounds},
    {kTimePerToken, "s", "Mean time per output token after the first of a generation", kTokenTimeBounds},
    {kQueueDuration, "s", "Time that a request waited for its turn, if it waited", kTimeBounds},
    {kLoadDuration, "s", "Time that a request waited for its model to be loaded, if it waited", kTimeBounds},
    {kInputTokensEach, "{token}", "Tokens of a generation's prompts", kTokenBounds},
    {kOutputTokensEach, "{token}", "Tokens of a generation's answer", kTokenBounds},
    {kToolDuration, "s", "Time of a tool's call", kTimeBounds},
    {kInputTokensUsed, "{token}", "Tokens of prompts, with those that were cached"},
    {kOutputTokensUsed, "{token}", "Tokens of answers, with reasoning"},
    {kCacheReadTokensUsed, "{token}", "Tokens of prompts that the server had cached"},
    {kReasoningTokensUsed, "{token}", "Tokens of reasoning"},
    {kRequests, "{request}", "Generations, by how they ended"},
    {kRetried, "{retry}", "Requests that were repeated after a failure"},
    {kFellBack, "{fallback}", "Models that could not answer, so that another one was asked"},
    {kSwitches, "{switch}", "Models that were unloaded for a request"},
    {kCacheHits, "{request}", "Generations that the response cache answered"},
}};

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::string label(std::string_view text) {
  const std::string whole = base::repair_utf8(text);
  return std::string(base::utf8_prefix(whole, kLongestName));
}

Attributes with(Attributes attributes, std::string_view name, std::string_view value) {
  attributes.emplace_back(name, value);
  return attributes;
}

void count(Series& series, const Instrument& instrument, double amount) {
  series.sum += amount;
  ++series.count;
  if (instrument.is_counter()) return;
  series.buckets.resize(instrument.bounds.size() + 1);
  const auto bound = std::lower_bound(instrument.bounds.begin(), instrument.bounds.end(), amount);
  ++series.buckets[static_cast<std::size_t>(bound - instrument.bounds.begin())];
}

}  // namespace

Measurements::Measurements(std::size_t max_names) : max_names_(max_names) {
  for (const Instrument& instrument : kInstruments) metrics_.push_back({&instrument});
}

void Measurements::record(const MonitorEvent& event) {
  const bool failed = event.kind == MonitorEvent::Kind::failed;
  if (!failed && event.kind != MonitorEvent::Kind::finished) return;
  const std::lock_guard lock(mutex_);
  ++recorded_;
  const Subject subject = subject_of(event);
  Attributes who = {{kOperation, std::string(kChat)}, {kProvider, subject.provider}};
  if (!subject.model.empty()) who.emplace_back(kRequestModel, subject.model);
  record_requests(event, who);
  if (!event.cached) {  // else no model was asked
    record_times(event, failed ? with(who, kErrorType, to_string(event.error.code)) : who);
    if (!failed) record_tokens(event.usage, who);
  }
  record_tools(event.tool_uses);
}

std::uint64_t Measurements::recorded() const {
  const std::lock_guard lock(mutex_);
  return recorded_;
}

std::vector<Metric> Measurements::read() const {
  const std::lock_guard lock(mutex_);
  std::vector<Metric> measured;
  for (const Metric& metric : metrics_)
    if (!metric.series.empty()) measured.push_back(metric);
  return measured;
}

Measurements::Subject Measurements::subject_of(const MonitorEvent& event) {
  std::pair<std::string, std::string> names{label(event.provider), label(event.model)};
  if (subjects_.count(names) == 0) {
    if (subjects_.size() >= max_names_) return {kOther, kOther};
    subjects_.insert(names);
  }
  return {std::move(names.first), std::move(names.second)};
}

std::string Measurements::tool_name(std::string_view name) {
  std::string known = label(name);
  if (tools_.count(known) == 0) {
    if (tools_.size() >= max_names_) return kOther;
    tools_.insert(known);
  }
  return known;
}

void Measurements::add(std::string_view instrument, const Attributes& attributes, double amount) {
  const auto metric = std::find_if(metrics_.begin(), metrics_.end(),
                                   [&](const Metric& each) { return each.instrument->name == instrument; });
  auto series = std::find_if(metric->series.begin(), metric->series.end(),
                             [&](const Series& each) { return each.attributes == attributes; });
  if (series == metric->series.end()) series = metric->series.insert(series, {attributes});
  count(*series, *metric->instrument, amount);
}

void Measurements::record_requests(const MonitorEvent& event, const Attributes& who) {
  const bool failed = event.kind == MonitorEvent::Kind::failed;
  const std::string_view outcome = failed ? to_string(event.error.code) : to_string(event.finish);
  add(kRequests, with(who, kOutcome, outcome), 1);
  add(kRetried, who, static_cast<double>(event.retries));
  add(kFellBack, who, static_cast<double>(event.fallbacks));
  add(kSwitches, who, static_cast<double>(event.displaced.size()));
  add(kCacheHits, who, event.cached ? 1 : 0);
}

void Measurements::record_times(const MonitorEvent& event, const Attributes& who) {
  add(kDuration, who, seconds(event.elapsed));
  if (event.queue_time.count() > 0) add(kQueueDuration, who, seconds(event.queue_time));
  if (event.load_time.count() > 0) add(kLoadDuration, who, seconds(event.load_time));
  if (event.kind == MonitorEvent::Kind::failed) return;
  if (event.time_to_first_token) add(kTimeToFirstChunk, who, seconds(event.time_to_first_token.value));
  if (event.tokens_per_second && event.tokens_per_second.value > 0)
    add(kTimePerToken, who, 1 / event.tokens_per_second.value);
}

void Measurements::record_tokens(const Usage& usage, const Attributes& who) {
  const Attributes used = with(who, kModality, kUnknownModality);
  const auto add_if = [&](std::string_view name, const Attributes& whose,
                          const std::optional<std::int64_t>& n) {
    if (n) add(name, whose, static_cast<double>(*n));
  };
  add_if(kInputTokensEach, who, usage.prompt_tokens);
  add_if(kOutputTokensEach, who, usage.completion_tokens);
  add_if(kInputTokensUsed, used, usage.prompt_tokens);
  add_if(kOutputTokensUsed, used, usage.completion_tokens);
  add_if(kCacheReadTokensUsed, used, usage.cached_tokens);
  add_if(kReasoningTokensUsed, used, usage.reasoning_tokens);
}

void Measurements::record_tools(const std::vector<ToolUse>& uses) {
  for (const ToolUse& use : uses) {
    Attributes which = {{kToolName, tool_name(use.name)}};
    if (use.failed) which.emplace_back(kErrorType, to_string(ErrorCode::tool_failed));
    add(kToolDuration, which, seconds(use.time));
  }
}

}  // namespace tachikoma::kit
