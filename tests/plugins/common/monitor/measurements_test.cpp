// SPDX-License-Identifier: MIT
#include "common/monitor/measurements.hpp"

#include <chrono>
#include <numeric>
#include <string>

#include "base/numbers.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::kit;
using namespace std::chrono_literals;

namespace {

MonitorEvent finished(std::string model = "m") {
  return {.kind = MonitorEvent::Kind::finished,
          .provider = "studio",
          .model = std::move(model),
          .elapsed = 2s,
          .finish = Finish::stop};
}

const Metric* find(const std::vector<Metric>& metrics, std::string_view name) {
  for (const Metric& metric : metrics)
    if (metric.instrument->name == name) return &metric;
  return nullptr;
}

// "name{a=b,c=d} sum", a line for each series; "-" if the metric is not there.
std::string shown(const Measurements& measured, std::string_view name) {
  const std::vector<Metric> metrics = measured.read();
  const Metric* metric = find(metrics, name);
  if (!metric) return "-";
  std::string text;
  for (const Series& series : metric->series) {
    std::string labels;
    for (const auto& [key, value] : series.attributes)
      labels += (labels.empty() ? "" : ",") + std::string(key.substr(key.rfind('.') + 1)) + "=" + value;
    text += (text.empty() ? "{" : "\n{") + labels + "} " + base::decimal(series.sum);
  }
  return text;
}

}  // namespace

TEST_CASE("a finished generation is measured with what was reported of it, and nothing else", "[monitor]") {
  Measurements measured(10);
  MonitorEvent event = finished();
  measured.record(event);
  CHECK(shown(measured, "gen_ai.client.inference.duration") == "{name=chat,name=studio,model=m} 2.0");
  CHECK(shown(measured, "tachikoma.requests") == "{name=chat,name=studio,model=m,outcome=stop} 1.0");
  for (const char* absent :
       {"gen_ai.client.inference.time_to_first_chunk", "gen_ai.client.inference.usage.input_tokens",
        "gen_ai.client.inference.operation.output_tokens", "tachikoma.inference.time_per_output_token",
        "tachikoma.queue.duration", "tachikoma.load.duration", "gen_ai.execute_tool.duration"})
    CHECK(shown(measured, absent) == "-");
  event.time_to_first_token = {500ms, Source::measured, "a clock"};
  event.tokens_per_second = {20, Source::reported, "the server"};
  event.queue_time = 3s;
  event.load_time = 4s;
  event.usage = {10, 20, 5, 7};
  measured.record(event);
  CHECK(shown(measured, "gen_ai.client.inference.duration") == "{name=chat,name=studio,model=m} 4.0");
  CHECK(shown(measured, "gen_ai.client.inference.time_to_first_chunk") ==
        "{name=chat,name=studio,model=m} 0.5");
  CHECK(find(measured.read(), "tachikoma.inference.time_per_output_token")->series[0].sum == Approx(0.05));
  CHECK(shown(measured, "tachikoma.queue.duration") == "{name=chat,name=studio,model=m} 3.0");
  CHECK(shown(measured, "tachikoma.load.duration") == "{name=chat,name=studio,model=m} 4.0");
  const std::string who = "{name=chat,name=studio,model=m,modality=unknown} ";
  CHECK(shown(measured, "gen_ai.client.inference.usage.input_tokens") == who + "10.0");
  CHECK(shown(measured, "gen_ai.client.inference.usage.output_tokens") == who + "20.0");
  CHECK(shown(measured, "gen_ai.client.inference.usage.reasoning.output_tokens") == who + "5.0");
  CHECK(shown(measured, "gen_ai.client.inference.usage.cache_read.input_tokens") == who + "7.0");
}

TEST_CASE("what a generation cost others is counted", "[monitor]") {
  Measurements measured(10);
  MonitorEvent event = finished();
  event.retries = 2;
  event.fallbacks = 1;
  event.displaced = {"a::b", "a::c"};
  event.tool_uses = {{.name = "clock", .time = 1s}, {.name = "clock", .time = 2s, .failed = true}};
  measured.record(event);
  CHECK(shown(measured, "tachikoma.request.retries") == "{name=chat,name=studio,model=m} 2.0");
  CHECK(shown(measured, "tachikoma.request.fallbacks") == "{name=chat,name=studio,model=m} 1.0");
  CHECK(shown(measured, "tachikoma.model.switches") == "{name=chat,name=studio,model=m} 2.0");
  CHECK(shown(measured, "gen_ai.execute_tool.duration") ==
        "{name=clock} 1.0\n{name=clock,type=tool_failed} 2.0");
}

TEST_CASE("an answer of the cache is counted, but neither timed nor are its tokens anybody's", "[monitor]") {
  Measurements measured(10);
  MonitorEvent event = finished();
  event.cached = true;
  event.usage = {10, 20, 5, 7};
  measured.record(event);
  CHECK(shown(measured, "tachikoma.cache.hits") == "{name=chat,name=studio,model=m} 1.0");
  CHECK(shown(measured, "tachikoma.requests") == "{name=chat,name=studio,model=m,outcome=stop} 1.0");
  CHECK(shown(measured, "gen_ai.client.inference.duration") == "-");
  CHECK(shown(measured, "gen_ai.client.inference.usage.input_tokens") == "-");
}

TEST_CASE("a failure is counted with its code, and early events are not", "[monitor]") {
  Measurements measured(10);
  MonitorEvent event{.kind = MonitorEvent::Kind::started, .provider = "studio", .model = "m"};
  measured.record(event);
  event.kind = MonitorEvent::Kind::first_token;
  measured.record(event);
  CHECK(measured.read().empty());
  event.kind = MonitorEvent::Kind::failed;
  event.elapsed = 1s;
  event.error = Error(ErrorCode::timeout, "late");
  measured.record(event);
  CHECK(shown(measured, "tachikoma.requests") == "{name=chat,name=studio,model=m,outcome=timeout} 1.0");
  CHECK(shown(measured, "gen_ai.client.inference.duration") ==
        "{name=chat,name=studio,model=m,type=timeout} 1.0");
}

TEST_CASE("a measurement is in the bucket whose upper bound it does not exceed", "[monitor]") {
  Measurements measured(10);
  for (const auto time : {5ms, 10ms, 11ms, 100'000ms}) {
    MonitorEvent event = finished();
    event.elapsed = time;
    measured.record(event);
  }
  const auto metrics = measured.read();
  const Metric* duration = find(metrics, "gen_ai.client.inference.duration");
  REQUIRE(duration);
  const std::vector<std::uint64_t>& buckets = duration->series[0].buckets;
  REQUIRE(buckets.size() == duration->instrument->bounds.size() + 1);
  CHECK(buckets.front() == 2);
  CHECK(buckets[1] == 1);
  CHECK(buckets.back() == 1);
  CHECK(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}) == duration->series[0].count);
}

TEST_CASE("any number of names makes a bounded number of series, and names of any size fit", "[monitor]") {
  Measurements measured(2);
  MonitorEvent event = finished("a");
  for (int i = 0; i < 100; ++i) {
    event.model = i < 1 ? "a" : std::string(1000, 'x') + "\xff" + std::to_string(i);
    event.tool_uses = {{.name = "tool-" + std::to_string(i), .time = 1s}};
    measured.record(event);
  }
  event.model = "z";
  measured.record(event);
  CHECK(shown(measured, "tachikoma.requests") ==
        "{name=chat,name=studio,model=a,outcome=stop} 1.0\n"
        "{name=chat,name=studio,model=" +
            std::string(128, 'x') +
            ",outcome=stop} 99.0\n"
            "{name=chat,name=other,model=other,outcome=stop} 1.0");
  CHECK(shown(measured, "gen_ai.execute_tool.duration") ==
        "{name=tool-0} 1.0\n{name=tool-1} 1.0\n{name=other} 99.0");
}

TEST_CASE("names that are not UTF-8 become text", "[monitor]") {
  Measurements measured(2);
  measured.record(
      finished("a\xff"
               "b"));
  CHECK(shown(measured, "tachikoma.requests") ==
        "{name=chat,name=studio,model=a\xEF\xBF\xBD"
        "b,outcome=stop} 1.0");
}
