// SPDX-License-Identifier: MIT
#include "log_stats.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/lists.hpp"
#include "base/numbers.hpp"
#include "base/sourced_json.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "log_entries.hpp"
#include "table.hpp"

namespace tachikoma::cli {
namespace {

constexpr char kColumns[] =
    "provider, model, started_at, outcome, coalesce(finish, error_code), cached, displaced <> '[]', retries, "
    "json_array_length(tool_uses), total_ms, queue_ms, load_ms, time_to_first_token_ms, tokens_per_second, "
    "prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens";

std::optional<std::int64_t> count_in(const Value& column) {
  return column.is_integer() ? std::optional(column.as_integer()) : std::nullopt;
}

std::optional<double> number_in(const Value& column) {
  return column.is_number() ? std::optional(column.as_real()) : std::nullopt;
}

LoggedGeneration generation_at(const base::Statement& row) {
  int at = 0;
  const auto next = [&] { return row.column(at++); };
  LoggedGeneration read;
  const Value provider = next();
  read.model = model_of(provider, next());
  read.started_at = next().as_real() / kMsPerSecond;
  const bool failed = next().as_string() == "failed";
  read.cancelled = next().as_string() == "cancelled";
  read.failed = failed && !read.cancelled;
  read.cached = next().as_integer() != 0;
  read.switched = next().as_integer() != 0;
  read.retries = next().as_integer();
  read.tool_uses = next().as_integer();
  read.total = next().as_real() / kMsPerSecond;
  read.queue = next().as_real() / kMsPerSecond;
  read.load = next().as_real() / kMsPerSecond;
  read.first_token = number_in(next());
  if (read.first_token) *read.first_token /= kMsPerSecond;
  read.tokens_per_second = number_in(next());
  read.prompt_tokens = count_in(next());
  read.completion_tokens = count_in(next());
  read.reasoning_tokens = count_in(next());
  read.cached_tokens = count_in(next());
  return read;
}

void add_known(KnownSum& sum, const std::optional<std::int64_t>& number) {
  if (number) sum.add(static_cast<double>(*number));
}

std::string of_requests(std::size_t known, std::size_t all) {
  return std::to_string(known) + " of " + std::to_string(all) + " requests";
}

Value tokens_value(const KnownSum& sum, std::size_t requests) {
  if (sum.known == 0) return sourced_value({}, "tokens", Source::unknown, "no server reported it");
  return sourced_value(static_cast<std::int64_t>(sum.sum), "tokens", Source::reported,
                       "by the servers, of " + of_requests(sum.known, requests));
}

Value speed_value(const ModelStatistics& of) {
  const std::optional<double> speed = of.tokens_per_second();
  if (!speed) return sourced_value({}, "tokens/s", Source::unknown, "no request has a known speed");
  return sourced_value(
      *speed, "tokens/s", Source::measured,
      "completion tokens by the time that they took, of " + of_requests(of.timed_tokens.known, of.requests));
}

Value times_value(const Times& times) {
  const auto seconds = [&](double value) { return times.count() ? Value(value) : Value(); };
  return Value::object({{"count", static_cast<std::int64_t>(times.count())},
                        {"mean", seconds(times.mean())},
                        {"p50", seconds(times.percentile(50))},
                        {"p90", seconds(times.percentile(90))},
                        {"p99", seconds(times.percentile(99))},
                        {"max", seconds(times.max())}});
}

Value to_value(const ModelStatistics& of) {
  const auto count = [](std::size_t number) { return Value(static_cast<std::int64_t>(number)); };
  return Value::object({{"requests", count(of.requests)},
                        {"failed", count(of.failed)},
                        {"cancelled", count(of.cancelled)},
                        {"cached", count(of.cached)},
                        {"retries", of.retries},
                        {"switches", count(of.switches)},
                        {"tool_runs", of.tool_runs},
                        {"prompt_tokens", tokens_value(of.prompt_tokens, of.requests)},
                        {"completion_tokens", tokens_value(of.completion_tokens, of.requests)},
                        {"reasoning_tokens", tokens_value(of.reasoning_tokens, of.requests)},
                        {"cached_tokens", tokens_value(of.cached_tokens, of.requests)},
                        {"tokens_per_second", speed_value(of)},
                        {"time_to_first_token", times_value(of.first_token)},
                        {"total_time", times_value(of.total)},
                        {"queue_time", times_value(of.queue)},
                        {"load_time", times_value(of.load)}});
}

using Rows = std::vector<std::vector<std::string>>;

std::string tokens_cell(const KnownSum& sum) {
  return sum.known ? std::to_string(static_cast<std::int64_t>(sum.sum)) : "-";
}

std::vector<std::string> requests_row(const std::string& name, const ModelStatistics& of) {
  const std::optional<double> speed = of.tokens_per_second();
  return {name,
          std::to_string(of.requests),
          std::to_string(of.failed),
          tokens_cell(of.prompt_tokens),
          tokens_cell(of.completion_tokens),
          speed ? base::decimal(*speed) : "-",
          std::to_string(of.switches)};
}

void add_times(Rows& rows, std::string name, const ModelStatistics& of) {
  const auto add = [&](const char* what, const Times& times) {
    if (times.max() == 0) return;
    std::vector<std::string> row{std::exchange(name, ""), what, std::to_string(times.count())};
    for (const double value :
         {times.mean(), times.percentile(50), times.percentile(90), times.percentile(99), times.max()})
      row.push_back(base::decimal(value, value < 100 ? 2 : 0));
    rows.push_back(std::move(row));
  };
  add("first token", of.first_token);
  add("total", of.total);
  add("in a queue", of.queue);
  add("loading", of.load);
}

}  // namespace

Result<std::vector<LoggedGeneration>> read_generations(base::Database& log, const Options& options) {
  TACHIKOMA_TRY(base::Statement select, select_entries(log, kColumns, options, "ASC"));
  std::vector<LoggedGeneration> all;
  for (;;) {
    TACHIKOMA_TRY(const bool more, select.step());
    if (!more) return all;
    all.push_back(generation_at(select));
  }
}

double Times::mean() const {
  double sum = 0;
  for (const double each : all_) sum += each;
  return all_.empty() ? 0 : sum / static_cast<double>(all_.size());
}

double Times::percentile(double percent) const {
  if (all_.empty()) return 0;
  if (sorted_ != all_.size()) std::sort(all_.begin(), all_.end());
  sorted_ = all_.size();
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(all_.size())));
  return all_[std::max<std::size_t>(rank, 1) - 1];
}

void ModelStatistics::add(const LoggedGeneration& generation) {
  ++requests;
  failed += generation.failed;
  cancelled += generation.cancelled;
  cached += generation.cached;
  switches += generation.switched;
  retries += generation.retries;
  tool_runs += generation.tool_uses;
  add_known(prompt_tokens, generation.prompt_tokens);
  add_known(completion_tokens, generation.completion_tokens);
  add_known(reasoning_tokens, generation.reasoning_tokens);
  add_known(cached_tokens, generation.cached_tokens);
  if (const auto speed = generation.tokens_per_second; speed && *speed > 0 && generation.completion_tokens) {
    const auto tokens = static_cast<double>(*generation.completion_tokens);
    timed_tokens.add(tokens);
    generating_time.add(tokens / *speed);
  }
  if (generation.first_token) first_token.add(*generation.first_token);
  if (!generation.failed && !generation.cancelled) total.add(generation.total);
  queue.add(generation.queue);
  load.add(generation.load);
}

std::optional<double> ModelStatistics::tokens_per_second() const {
  if (generating_time.sum <= 0) return std::nullopt;
  return timed_tokens.sum / generating_time.sum;
}

LogStatistics statistics_of(const std::vector<LoggedGeneration>& generations) {
  LogStatistics all;
  for (const LoggedGeneration& each : generations) {
    if (all.overall.requests == 0) all.first = all.last = each.started_at;
    all.first = std::min(all.first, each.started_at);
    all.last = std::max(all.last, each.started_at);
    all.overall.add(each);
    all.models[each.model].add(each);
  }
  return all;
}

Value to_value(const LogStatistics& statistics) {
  const bool any = statistics.overall.requests > 0;
  return Value::object({{"first", any ? Value(statistics.first) : Value()},
                        {"last", any ? Value(statistics.last) : Value()},
                        {"overall", to_value(statistics.overall)},
                        {"models", base::array_of(statistics.models, [](const auto& each) {
                           Value model = Value::object({{"address", each.first}});
                           const Value whole = to_value(each.second);
                           for (const Member& member : whole.members()) model.set(member.key, member.value);
                           return model;
                         })}});
}

std::string statistics_text(const LogStatistics& statistics, std::size_t room) {
  Rows requests{{"MODEL", "REQUESTS", "FAILED", "PROMPT", "COMPLETION", "TOKENS/S", "SWITCHES"}};
  Rows times{{"MODEL", "SECONDS", "COUNT", "MEAN", "P50", "P90", "P99", "MAX"}};
  for (const auto& [model, of] : statistics.models) {
    requests.push_back(requests_row(model, of));
    add_times(times, model, of);
  }
  if (statistics.models.size() > 1) {
    requests.push_back(requests_row("all", statistics.overall));
    add_times(times, "all", statistics.overall);
  }
  return table(requests,
               {.right = {1, 2, 3, 4, 5, 6}, .names = {0}, .optional = {6, 3, 4, 2}, .least_name = 16},
               room) +
         "\n" +
         table(times,
               {.right = {2, 3, 4, 5, 6, 7}, .names = {0}, .optional = {6, 5, 2, 3, 7}, .least_name = 16},
               room);
}

}  // namespace tachikoma::cli
