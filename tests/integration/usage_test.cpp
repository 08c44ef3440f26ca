// SPDX-License-Identifier: MIT
// What a program is told of its generations, with real plugins and the simulator as the server.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kTwoModels[] = R"(
models: [{key: a, size: 4GB}, {key: b, size: 4GB}]
replies: [{when: {model: a}, chunks: [one, " two", " three"]}]
)";

/// A runtime from a file, and what its monitor has told.
class MonitoredProgram {
 public:
  explicit MonitoredProgram(const std::string& config) : file_(folder_.write("tachikoma.yaml", config)) {
    monitor.on_generation([this](const GenerationUsage& each) { told_.push_back(each); });
  }

  Result<Reload> write_and_reload(const std::string& config) {
    folder_.write("tachikoma.yaml", config);
    return runtime.reload();
  }
  Result<Reply> ask(const std::string& model, const DeltaCallback& on_delta = {}) {
    return runtime.stream_text({.model = model, .messages = {user("Hi there")}}, on_delta);
  }
  std::vector<GenerationUsage> told() {
    monitor.flush();
    return told_;
  }

 private:
  const TempDir folder_;
  const std::string file_;
  std::vector<GenerationUsage> told_;  // by the monitor's thread

 public:
  Runtime runtime = Runtime::open({.file = file_, .log = [](auto&&...) {}}).value();
  UsageMonitor monitor{runtime};
};

std::string lmstudio_at(const Simulator& simulator, const std::string& more = {}) {
  return "providers: {lmstudio: {base_url: '" + simulator.base_url() + "'" + more + "}}\n";
}

Runtime monitored_echo() {
  return Runtime::with({.plugin = "echo", .base_url = "", .model = "echo::echo-small"}, [](auto&&...) {})
      .value();
}

TextRequest hello_request() { return {.messages = {user("Hello")}}; }

std::string models_of(const UsageStatistics& statistics) {
  std::string text;
  for (const ModelUsage& each : statistics.models)
    text += each.provider + "::" + each.model + " " + std::to_string(each.usage.requests) + ", ";
  return text;
}

/// Something that a callback waits for.
class CallbackGate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    entered_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_until_entered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entered_; });
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool open_ = false, entered_ = false;
};

}  // namespace

TEST_CASE("the token figures are the server's own, summed", "[usage]") {
  const Simulator simulator(kTwoModels);
  MonitoredProgram program(lmstudio_at(simulator));
  std::int64_t prompt = 0, completion = 0;
  for (int i = 0; i < 20; ++i) {
    const Usage usage = program.ask(i % 2 ? "a" : "b").value().usage;
    prompt += usage.prompt_tokens.value();
    completion += usage.completion_tokens.value();
  }
  const std::vector<GenerationUsage> told = program.told();
  REQUIRE(told.size() == 20);
  CHECK(told[1].model == "a");
  CHECK(told[1].usage.prompt_tokens == 6);  // two words, and four for the message
  CHECK(told[1].usage.completion_tokens == 3);
  CHECK(told[1].server == simulator.base_url());
  CHECK(told[1].outcome == GenerationUsage::Outcome::finished);
  const UsageStatistics statistics = program.monitor.statistics();
  CHECK(statistics.overall.requests == 20);
  CHECK(statistics.overall.prompt_tokens.sum.value == prompt);
  CHECK(statistics.overall.completion_tokens.sum.value == completion);
  CHECK(statistics.overall.total_tokens.sum.value == prompt + completion);
  CHECK(statistics.overall.total_tokens.unknown == 0);
  CHECK(statistics.overall.total_time.count == 20);
  CHECK(statistics.overall.time_to_first_token.count == 20);
  CHECK(statistics.missed == 0);
  CHECK(models_of(statistics) == "lmstudio::a 10, lmstudio::b 10, ");
  CHECK(statistics.models.front().usage.completion_tokens.sum.value == 30);
}

TEST_CASE("a request that waited for a switch says for how long, and what it has displaced", "[usage]") {
  const Simulator simulator(kTwoModels);
  MonitoredProgram program(lmstudio_at(simulator) +
                           "models: {x: {provider: lmstudio, key: a, owner: managed}, "
                           "y: {provider: lmstudio, key: b, owner: managed}}\nmemory: {max_instances: 1}\n");
  simulator.play("hold: {answers: [a]}");
  auto first = std::async(std::launch::async, [&] { return program.ask("x"); });
  simulator.wait_for([](const Value& state) { return state["open_streams"] == Value(1); });
  std::promise<void> loads;
  auto second = std::async(std::launch::async, [&] {
    return program.ask("y", [&, told = false](const Delta& delta) mutable {
      if (delta.kind == Delta::Kind::progress && delta.content == "load" && !std::exchange(told, true))
        loads.set_value();
      return Flow::proceed;
    });
  });
  const auto waits = [&] {
    const MemoryReport report = program.runtime.explain();
    return std::any_of(report.models.begin(), report.models.end(),
                       [](const ScheduledModel& each) { return each.waiting > 0 && each.key == "b"; });
  };
  while (!waits()) std::this_thread::yield();
  simulator.play("hold: {loads: [b]}");
  loads.get_future().wait();
  simulator.play("hold: {}");
  REQUIRE(first.get());
  REQUIRE(second.get());
  const std::vector<GenerationUsage> told = program.told();
  REQUIRE(told.size() == 2);
  CHECK(told[0].displaced.empty());
  CHECK(told[1].displaced == std::vector<std::string>{"lmstudio::a"});
  CHECK(told[1].queue_time > 0ns);
  CHECK(told[1].load_time > 0ns);
  CHECK(told[1].queue_time + told[1].load_time <= told[1].total_time);
  const UsageSummary usage = program.monitor.statistics().models[1].usage;
  CHECK(usage.switches == 1);
  CHECK(usage.queue_time.max.value == told[1].queue_time);
  CHECK(usage.load_time.max.value == told[1].load_time);
}

TEST_CASE("retries, fallbacks, failures and tool runs are counted", "[usage]") {
  const Simulator simulator(R"(
models: [{key: a, tools: true}, {key: b}]
replies:
  - {when: {contains: double, tool_results: 0}, tool_calls: [{name: double_it, arguments: {n: 21}}]}
faults:
  - {when: {contains: busy, first: 1}, kind: status, status: 503}
  - {when: {contains: broken}, kind: status, status: 400, body: no}
  - {when: {contains: lost, model: a}, kind: status, status: 503}
)");
  MonitoredProgram program(
      lmstudio_at(simulator) +
      "models: {x: {provider: lmstudio, key: a, fallback: [y]}, y: {provider: lmstudio, key: "
      "b}}\npolicy: {retry: {attempts: 2, backoff: 0ms}}\n");
  ToolKit kit;
  kit.add("double_it", "Doubles", {param("n")}, [](int n) { return 2 * n; });
  const auto ask = [&](const std::string& text) {
    return program.runtime.generate_text(
        {.model = "x", .messages = {user(text)}, .tools = text == "double" ? kit : ToolKit()});
  };
  CHECK(ask("busy"));
  CHECK_FALSE(ask("broken"));
  CHECK(ask("lost"));
  CHECK(ask("double"));
  const std::vector<GenerationUsage> told = program.told();
  REQUIRE(told.size() == 4);
  CHECK(told[0].retries == 1);
  CHECK(told[0].fallbacks == 0);
  CHECK(told[1].outcome == GenerationUsage::Outcome::failed);
  CHECK(told[1].error.code == ErrorCode::invalid_argument);
  CHECK(told[1].steps == 0);
  CHECK(told[1].server == simulator.base_url());
  CHECK(told[2].fallbacks == 1);
  CHECK(told[2].retries == 1);
  CHECK(told[2].model == "b");
  CHECK(told[3].steps == 2);
  REQUIRE(told[3].tool_uses.size() == 1);
  CHECK(told[3].tool_uses[0].name == "double_it");
  CHECK_FALSE(told[3].tool_uses[0].failed);
  CHECK(told[3].tool_uses[0].time > 0ns);
  const UsageSummary all = program.monitor.statistics().overall;
  CHECK(all.failed == 1);
  CHECK(all.retries == 2);
  CHECK(all.fallbacks == 1);
  CHECK(all.tool_runs == 1);
  CHECK(all.prompt_tokens.known == 3);
  CHECK(all.prompt_tokens.unknown == 1);
}

TEST_CASE("a reload keeps what was counted, and goes on with it", "[usage][reload]") {
  const Simulator simulator(kTwoModels);
  MonitoredProgram program(lmstudio_at(simulator));
  REQUIRE(program.ask("lmstudio::a"));
  REQUIRE(program.write_and_reload(lmstudio_at(simulator, ", timeouts: {connect: 9s}")));
  REQUIRE(program.ask("lmstudio::a"));
  CHECK_FALSE(program.write_and_reload("providers: {lmstudio: {base_url: 5}}\n"));
  REQUIRE(program.ask("lmstudio::b"));
  CHECK(program.told().size() == 3);
  CHECK(models_of(program.monitor.statistics()) == "lmstudio::a 2, lmstudio::b 1, ");
}

TEST_CASE("a monitor sees what ends while it exists, and several see the same", "[usage]") {
  Runtime runtime = monitored_echo();
  REQUIRE(runtime.generate_text(hello_request()));
  UsageMonitor first(runtime);
  REQUIRE(runtime.generate_text(hello_request()));
  {
    UsageMonitor second(runtime);
    REQUIRE(runtime.generate_text(hello_request()));
    second.flush();
    CHECK(second.statistics().overall.requests == 1);
  }
  REQUIRE(runtime.generate_text(hello_request()));
  UsageMonitor moved = std::move(first);
  moved.flush();
  CHECK(moved.statistics().overall.requests == 3);
}

TEST_CASE("a callback that takes its time delays no generation, and what it missed is counted", "[usage]") {
  constexpr std::size_t kMany = 1200;
  CallbackGate gate;
  Runtime runtime = monitored_echo();
  UsageMonitor monitor(runtime);
  std::atomic<std::size_t> calls = 0;
  monitor.on_generation([&](const GenerationUsage&) {
    ++calls;
    gate.pass();
  });
  REQUIRE(runtime.generate_text(hello_request()));
  gate.wait_until_entered();
  for (std::size_t i = 0; i < kMany; ++i) REQUIRE(runtime.generate_text(hello_request()));
  CHECK(calls == 1);
  CHECK(monitor.statistics().overall.requests == 1);
  CHECK(monitor.statistics().missed == kMany - 1024);
  gate.open();
  monitor.flush();
  CHECK(monitor.statistics().overall.requests == 1025);
  CHECK(monitor.statistics().missed == kMany - 1024);
  CHECK(calls == 1025);
}

TEST_CASE("a monitor whose end nobody awaits has delivered what was queued", "[usage]") {
  CallbackGate gate;
  Runtime runtime = monitored_echo();
  std::atomic<int> calls = 0;
  std::optional<UsageMonitor> monitor(std::in_place, runtime);
  monitor->on_generation([&](const GenerationUsage&) {
    ++calls;
    gate.pass();
  });
  for (int i = 0; i < 5; ++i) REQUIRE(runtime.generate_text(hello_request()));
  gate.wait_until_entered();
  gate.open();
  monitor.reset();
  CHECK(calls == 5);
  REQUIRE(runtime.generate_text(hello_request()));
  CHECK(calls == 5);
}

TEST_CASE("a monitor may end in its own callback, with its runtime", "[usage]") {
  std::optional<Runtime> runtime = monitored_echo();
  std::optional<UsageMonitor> monitor(std::in_place, *runtime);
  std::latch begun(2);
  std::promise<int> ended;
  int calls = 0;
  monitor->on_generation([&](const GenerationUsage&) {
    begun.arrive_and_wait();  // until more are queued
    monitor->flush();         // which can't wait for this
    monitor.reset();
    runtime.reset();
    ended.set_value(++calls);
  });
  for (int i = 0; i < 3; ++i) REQUIRE(runtime->generate_text(hello_request()));
  begun.arrive_and_wait();
  CHECK(ended.get_future().get() == 1);
  CHECK_FALSE(monitor);
}

TEST_CASE("a monitor may outlive its runtime", "[usage]") {
  std::optional<Runtime> runtime = monitored_echo();
  UsageMonitor monitor(*runtime);
  REQUIRE(runtime->generate_text(hello_request()));
  runtime.reset();
  CHECK(monitor.statistics().overall.requests == 1);  // the runtime's end has flushed it
  monitor.flush();
}

TEST_CASE("what a callback throws ends neither the monitor nor a generation", "[usage]") {
  std::mutex mutex;
  std::vector<std::string> lines;
  Runtime runtime = Runtime::with({.plugin = "echo", .base_url = "", .model = "echo::echo-small"},
                                  [&](Severity, std::string_view who, std::string_view text) {
                                    const std::lock_guard lock(mutex);
                                    lines.push_back(std::string(who) + ": " + std::string(text));
                                  })
                        .value();
  UsageMonitor monitor(runtime);
  monitor.on_generation([](const GenerationUsage&) { throw std::runtime_error("full"); });
  for (int i = 0; i < 2; ++i) CHECK(runtime.generate_text(hello_request()));
  monitor.flush();
  CHECK(monitor.statistics().overall.requests == 2);
  const std::lock_guard lock(mutex);
  CHECK(std::count(lines.begin(), lines.end(), "usage: on_generation threw \"full\"") == 1);
}

TEST_CASE("what was counted is published as JSON, and told to people", "[usage]") {
  const Simulator simulator(kTwoModels);
  MonitoredProgram program(lmstudio_at(simulator));
  REQUIRE(program.ask("a"));
  CHECK_FALSE(program.runtime.generate_text(
      {.model = "a", .messages = {user("Hi")}, .settings = {.mirostat = 1}}));  // refused before it is sent
  program.monitor.flush();
  const UsageStatistics statistics = program.monitor.statistics();
  const Value json = to_value(statistics);
  CHECK(json["overall"]["requests"] == Value(2));
  CHECK(json["overall"]["prompt_tokens"]["value"] == Value(6));
  CHECK(json["overall"]["prompt_tokens"]["known"] == Value(1));
  CHECK(json["overall"]["prompt_tokens"]["unknown"] == Value(1));
  CHECK(json["overall"]["cached_tokens"]["value"].is_null());
  CHECK(json["overall"]["total_time"]["count"] == Value(1));
  CHECK(json["overall"]["total_time"]["p99"]["source"] == Value("estimated"));
  CHECK(json["models"].elements().front()["model"] == Value("a"));
  const std::vector<std::string> lines = describe(statistics);
  REQUIRE(lines.size() == 2);
  CHECK(
      lines[0].starts_with("all: 2 requests, 1 failed, 6 prompt tokens (of 1), 3 completion tokens (of 1)"));
  CHECK(lines[1].starts_with("lmstudio::a: 2 requests, 1 failed"));
}
