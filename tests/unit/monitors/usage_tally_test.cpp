// SPDX-License-Identifier: MIT
#include "monitors/usage_tally.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "monitors/time_histogram.hpp"
#include "monitors/usage_collector.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;
using monitors::TimeHistogram;
using monitors::UsageTally;
using Time = std::chrono::nanoseconds;

namespace {

// The value of which at least this share of all is not larger, from the values themselves.
Time exact_percentile(std::vector<Time> times, double share) {
  std::sort(times.begin(), times.end());
  const double rank = std::max(1.0, std::ceil(share * static_cast<double>(times.size())));
  return times[static_cast<std::size_t>(rank) - 1];
}

// The farthest that the histogram is from the truth, as a part of it.
double worst_error(const std::vector<Time>& times) {
  TimeHistogram histogram;
  for (const Time each : times) histogram.add(each);
  double worst = 0;
  for (int share = 0; share <= 1000; ++share) {
    const auto truth = static_cast<double>(exact_percentile(times, share / 1000.0).count());
    const auto told = static_cast<double>(histogram.percentile(share / 1000.0).count());
    worst = std::max(worst, std::abs(told - truth) / truth);
  }
  return worst;
}

// `count` times, spread as the inverse of their distribution says for each share.
template <class Inverse>
std::vector<Time> spread(std::size_t count, const Inverse& seconds_at) {
  std::vector<Time> times;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    times.push_back(std::chrono::duration_cast<Time>(std::chrono::duration<double>(seconds_at(share))));
  }
  return times;
}

GenerationUsage generation(std::int64_t prompt, std::int64_t completion, double speed) {
  return {.usage = {.prompt_tokens = prompt, .completion_tokens = completion},
          .total_time = 1s,
          .time_to_first_token = {100ms, Source::measured, "test"},
          .tokens_per_second = {speed, Source::reported, "test"},
          .steps = 1};
}

}  // namespace

TEST_CASE("percentiles of times are within 1 % of the exact ones, however the times are spread", "[usage]") {
  constexpr double kBound = 0.01;
  CHECK(worst_error(spread(5000, [](double share) { return 0.001 + share; })) <= kBound);
  CHECK(worst_error(spread(5000, [](double share) { return -2 * std::log(1 - share) + 1e-6; })) <= kBound);
  CHECK(worst_error(spread(5000, [](double share) { return std::pow(10, 12 * share - 6); })) <= kBound);
  CHECK(worst_error(spread(999, [](double share) { return share < 0.9 ? 0.02 : 30; })) <= kBound);
  CHECK(worst_error({1us}) <= kBound);
  CHECK(worst_error({123456789ns}) <= kBound);
}

TEST_CASE("mean and maximum of times are exact, and what is shorter than a microsecond is nothing",
          "[usage]") {
  TimeHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.mean() == 0ns);
  for (const Time each : {Time(0ns), Time(999ns), Time(3s), Time(5s)}) histogram.add(each);
  CHECK(histogram.count() == 4);
  CHECK(histogram.mean() == 2'000'000'249ns);
  CHECK(histogram.max() == 5s);
  CHECK(histogram.percentile(0.5) == 0ns);
  CHECK(histogram.percentile(1) <= 5s);  // no middle is above the maximum
}

TEST_CASE("times may be as long as they like", "[usage]") {
  TimeHistogram histogram;
  histogram.add(Time::max() / 2);  // a century and a half
  histogram.add(1ms);
  CHECK(histogram.percentile(0.5) >= 990us);
  CHECK(histogram.percentile(0.5) <= 1010us);
}

TEST_CASE("sums count only what was reported, and say of how many", "[usage]") {
  UsageTally tally;
  tally.add(generation(10, 20, 50));
  tally.add(generation(30, 40, 50));
  tally.add({.outcome = GenerationUsage::Outcome::failed, .total_time = 9s, .retries = 2});
  const UsageSummary summary = tally.summary();
  CHECK(summary.requests == 3);
  CHECK(summary.failed == 1);
  CHECK(summary.cancelled == 0);
  CHECK(summary.prompt_tokens.sum.value == 40);
  CHECK(summary.prompt_tokens.sum.source == Source::reported);
  CHECK(summary.prompt_tokens.sum.basis == "the servers, of 2 of 3 generations");
  CHECK(summary.prompt_tokens.known == 2);
  CHECK(summary.prompt_tokens.unknown == 1);
  CHECK(summary.total_tokens.sum.value == 100);
  CHECK_FALSE(summary.reasoning_tokens.sum);
  CHECK(summary.reasoning_tokens.sum.basis == "no server has reported it");
  CHECK(summary.reasoning_tokens.unknown == 3);
  CHECK(summary.total_time.count == 2);
  CHECK(summary.total_time.max.value == 1s);
  CHECK(summary.queue_time.count == 3);
  CHECK(summary.steps == 2);
  CHECK(summary.retries == 2);
}

TEST_CASE("the average speed is that of all tokens, not the mean of speeds", "[usage]") {
  UsageTally tally;
  tally.add(generation(10, 100, 100));  // a second
  tally.add(generation(10, 100, 25));   // four
  GenerationUsage unknown = generation(10, 1000, 0);
  unknown.tokens_per_second = {.basis = "it came at once"};
  tally.add(unknown);
  const Sourced<double> speed = tally.summary().tokens_per_second;
  CHECK(speed.value == 40);
  CHECK(speed.source == Source::reported);
  CHECK(speed.basis == "completion tokens by the time of generating them, of 2 of 3 generations");
  GenerationUsage guessed = generation(10, 100, 50);
  guessed.tokens_per_second.source = Source::estimated;
  tally.add(guessed);
  CHECK(tally.summary().tokens_per_second.source == Source::estimated);
}

TEST_CASE("without generations every figure is unknown, with the reason", "[usage]") {
  const UsageSummary summary = UsageTally().summary();
  CHECK(summary.requests == 0);
  CHECK(summary.tokens_per_second.basis == "the speed of no generation is known");
  CHECK(summary.prompt_tokens.sum.basis == "no server has reported it");
  for (const auto& each : {summary.total_time.mean, summary.total_time.p50, summary.load_time.p99,
                           summary.queue_time.max, summary.time_to_first_token.p90}) {
    CHECK_FALSE(each);
    CHECK(each.basis == "there was none to measure");
  }
}

TEST_CASE("what the response cache answered is counted, and nothing else of it", "[usage]") {
  UsageTally tally;
  GenerationUsage cached = generation(10, 20, 50);
  cached.cached = true;
  tally.add(cached);
  const UsageSummary summary = tally.summary();
  CHECK(summary.requests == 1);
  CHECK(summary.cache_hits == 1);
  CHECK_FALSE(summary.prompt_tokens.sum);
  CHECK(summary.prompt_tokens.unknown == 0);
  CHECK_FALSE(summary.tokens_per_second);
  CHECK(summary.total_time.count == 0);
}

TEST_CASE("switches and tool runs are counted", "[usage]") {
  UsageTally tally;
  GenerationUsage busy = generation(10, 20, 50);
  busy.displaced = {"lm::a", "lm::b"};
  busy.tool_uses = {{"one", 1ms, false}, {"two", 1ms, true}};
  busy.fallbacks = 1;
  tally.add(busy);
  tally.add(busy);
  const UsageSummary summary = tally.summary();
  CHECK(summary.switches == 4);
  CHECK(summary.tool_runs == 4);
  CHECK(summary.failed_tool_runs == 2);
  CHECK(summary.fallbacks == 2);
}

TEST_CASE("events are counted by model, and as what they ended", "[usage]") {
  monitors::UsageCollector collector([](auto&&...) {});
  using Kind = MonitorEvent::Kind;
  collector.on_event({.kind = Kind::started, .provider = "p", .model = "a"});
  collector.on_event({.kind = Kind::finished, .provider = "p", .model = "b", .finish = Finish::stop});
  collector.on_event({.kind = Kind::finished, .provider = "p", .model = "a", .finish = Finish::cancelled});
  collector.on_event(
      {.kind = Kind::failed, .provider = "p", .model = "a", .error = Error(ErrorCode::timeout, "late")});
  collector.on_event(
      {.kind = Kind::failed, .provider = "o", .model = "a", .error = Error(ErrorCode::cancelled, "no")});
  const UsageStatistics statistics = collector.statistics();
  CHECK(statistics.overall.requests == 4);
  CHECK(statistics.overall.failed == 1);
  CHECK(statistics.overall.cancelled == 2);
  std::string models;
  for (const ModelUsage& each : statistics.models)
    models += each.provider + "::" + each.model + " " + std::to_string(each.usage.requests) + ", ";
  CHECK(models == "o::a 1, p::a 2, p::b 1, ");
}

TEST_CASE("a program that asks for thousands of names has them counted together", "[usage]") {
  monitors::UsageCollector collector([](auto&&...) {});
  for (int i = 0; i < 1000; ++i)
    collector.on_event({.kind = MonitorEvent::Kind::finished, .model = std::to_string(i)});
  collector.on_event({.kind = MonitorEvent::Kind::finished, .model = "0"});
  const UsageStatistics statistics = collector.statistics();
  CHECK(statistics.overall.requests == 1001);
  CHECK(statistics.models.size() == 200);
  CHECK(statistics.models.front().usage.requests == 2);
}

TEST_CASE("what a program's callback throws is logged, not each time", "[usage]") {
  std::vector<std::string> lines;
  monitors::UsageCollector collector([&](Severity severity, std::string_view who, std::string_view text) {
    lines.push_back(std::string(to_string(severity)) + " " + std::string(who) + ": " + std::string(text));
  });
  collector.set_callback([](const GenerationUsage&) { throw std::runtime_error("full"); });
  for (int i = 0; i < 12; ++i) collector.on_event({.kind = MonitorEvent::Kind::finished});
  CHECK(lines == std::vector<std::string>{"error usage: on_generation threw \"full\"",
                                          "error usage: on_generation threw \"full\" (10th time)"});
  CHECK(collector.statistics().overall.requests == 12);
}
