// SPDX-License-Identifier: MIT
#include "tools/tool_runner.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/utf8.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace tachikoma::tools;
using namespace std::chrono_literals;

namespace {

/// What a runner needs, and a run that is waited for.
struct World {
  CallCancellation cancellation;
  Timer timer;
  Workers workers{8};

  std::future<std::vector<ToolOutcome>> start(const ToolRunner& runner, std::vector<ToolCall> calls) {
    auto done = std::make_shared<std::promise<std::vector<ToolOutcome>>>();
    auto outcomes = done->get_future();
    runner.run(
        std::move(calls), cancellation, timer, workers,
        [done](std::vector<ToolOutcome> all) { done->set_value(std::move(all)); }, "request-7");
    return outcomes;
  }
  std::vector<ToolOutcome> run(const ToolRunner& runner, std::vector<ToolCall> calls) {
    return start(runner, std::move(calls)).get();
  }
};

ToolRunner runner_of(ToolKit kit, ToolRules rules = {}) {
  return ToolRunner::make(std::move(kit), std::move(rules)).value();
}

// The outcome of one call of `name`.
ToolOutcome outcome_of(ToolKit kit, std::string name, std::string arguments, ToolRules rules = {}) {
  World world;
  return world
      .run(runner_of(std::move(kit), std::move(rules)), {{"c1", std::move(name), std::move(arguments)}})
      .at(0);
}

ToolKit weather() {
  ToolKit kit;
  kit.add("get_weather", "Weather at a place",
          {param("place"), param("days", "", 1), param("note", "", "none")},
          [](std::string place, int days, std::string note) {
            return place + " " + std::to_string(days) + " " + note;
          });
  return kit;
}

template <class F>
ToolKit kit_of(F function) {
  ToolKit kit;
  kit.add("tool", "", {}, std::move(function));
  return kit;
}

/// A gate that tools wait at until the test opens it.
class Gate {
 public:
  void open() { opened_.set_value(); }
  void wait() const { when_open_.wait(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> when_open_ = opened_.get_future().share();
};

}  // namespace

TEST_CASE("a call is run with its arguments, and its result is the model's next text", "[tools]") {
  const ToolOutcome outcome = outcome_of(weather(), "get_weather", R"({"place":"Rome","days":2})");
  CHECK(outcome.call.id == "c1");
  CHECK(outcome.text == "Rome 2 none");
  CHECK_FALSE(outcome.failed);
}

TEST_CASE("a result that is no string goes to the model as JSON", "[tools]") {
  CHECK(outcome_of(kit_of([] {
                     return std::vector<std::string>{"a", "b"};
                   }),
                   "tool", "")
            .text == R"(["a","b"])");
  CHECK(outcome_of(kit_of([] { return Value(); }), "tool", "").text == "null");
  CHECK(outcome_of(kit_of([] {}), "tool", "").text == "done");
}

TEST_CASE("what models do to an arguments object is understood", "[tools]") {
  struct Case {
    const char *name, *arguments, *text;
  };
  for (const Case& each : {
           Case{"tool", "", "ok"},
           {"tool", "  \n", "ok"},
           {"tool", "null", "ok"},
           {"tool", "{}", "ok"},
           {"tool", R"("{}")", "ok"},
           {"tool", R"("")", "ok"},
           {"get_weather", R"("{\"place\":\"Rome\"}")", "Rome 1 none"},
           {"get_weather", R"({"place":"Rome","days":null,"note":null})", "Rome 1 none"},
           {"get_weather", R"({"place":"Rome","days":2.0})", "Rome 2 none"},
       }) {
    INFO(each.arguments);
    ToolKit kit = weather();
    kit.add("tool", "", {}, [] { return "ok"; });
    const ToolOutcome outcome = outcome_of(kit, each.name, each.arguments);
    CHECK(outcome.text == each.text);
    CHECK_FALSE(outcome.failed);
  }
}

TEST_CASE("arguments that are no JSON are answered with where and what was expected", "[tools]") {
  const ToolOutcome outcome = outcome_of(weather(), "get_weather", R"({"place": "Rome")");
  CHECK(outcome.failed);
  CHECK(outcome.text ==
        "Error: the arguments are not valid JSON: line 1, byte 17: expected ',' or '}', found the end\n"
        "Hint: correct the arguments and call 'get_weather' again");
  CHECK_THAT(
      outcome_of(weather(), "get_weather", "[1]").text,
      StartsWith("Error: the arguments are not a JSON object; expected one such as {\"name\": \"value\"}"));
}

TEST_CASE("arguments that do not fit the schema are answered with what does not", "[tools]") {
  for (const char* arguments : {"{}", R"({"place":7})", R"({"place":null})", R"({"place":"a","town":"b"})"}) {
    INFO(arguments);
    const ToolOutcome outcome = outcome_of(weather(), "get_weather", arguments);
    CHECK(outcome.failed);
    CHECK_THAT(outcome.text, StartsWith("Error: "));
    CHECK_THAT(outcome.text, ContainsSubstring("call 'get_weather' again"));
  }
  CHECK_THAT(outcome_of(weather(), "get_weather", R"({"place":"a","town":"b"})").text,
             ContainsSubstring("town"));
}

TEST_CASE("an unknown tool is answered with the nearest name, or all of them", "[tools]") {
  CHECK(outcome_of(weather(), "get_wether", "{}").text ==
        "Error: there is no tool 'get_wether'\nHint: did you mean 'get_weather'?");
  CHECK(outcome_of(weather(), "xyz", "{}").text ==
        "Error: there is no tool 'xyz'\nHint: the tools are 'get_weather'");
  CHECK(outcome_of({}, "xyz", "{}").text == "Error: there is no tool 'xyz'\nHint: there are no tools");
  CHECK(outcome_of(weather(), std::string(1'000'000, 'x'), "{}").text.size() < 400);
}

TEST_CASE("a tool's failure is told to the model, whatever form it has", "[tools]") {
  class Throwing final : public Tool {
   public:
    ToolSpec spec() override { return {.name = "tool", .description = "", .parameters = {}}; }
    Result<Value> call(const Value&, const CallContext&) override { throw std::runtime_error("boom"); }
  };
  ToolKit kit;
  kit.add(std::make_shared<Throwing>());
  CHECK(outcome_of(kit, "tool", "").text == "Error: tool 'tool' threw \"boom\"");
  const auto error = [] { return Status(Error(ErrorCode::unreachable, "no server", "start it")); };
  CHECK(outcome_of(kit_of(error), "tool", "").text == "Error: no server\nHint: start it");
  const auto long_error = [] { return Status(Error(ErrorCode::internal, std::string(1'000'000, 'x'))); };
  CHECK(outcome_of(kit_of(long_error), "tool", "").text.size() < 5000);
}

TEST_CASE("a very long result is cut between characters, and says so", "[tools]") {
  const auto outcome = outcome_of(kit_of([] {
                                    std::string text;
                                    while (text.size() < 2 * kMaxToolResult) text += "€";
                                    return text;
                                  }),
                                  "tool", "");
  CHECK_FALSE(outcome.failed);
  CHECK(outcome.text.size() < kMaxToolResult + 100);
  CHECK(base::is_utf8(outcome.text));
  CHECK(outcome.text.find(base::kReplacementCharacter) == std::string::npos);
  CHECK_THAT(outcome.text.substr(kMaxToolResult - 10),
             ContainsSubstring("€\n[cut: these are the first 1048575 of 2097153 bytes]"));
}

TEST_CASE("a result that is not UTF-8 is repaired", "[tools]") {
  CHECK(outcome_of(kit_of([] { return "a\xFF"; }), "tool", "").text ==
        "a" + std::string(base::kReplacementCharacter));
}

TEST_CASE("outcomes are in the calls' order, whichever ends first", "[tools]") {
  World world;
  Gate second_is_done;
  ToolKit kit;
  kit.add("first", "", {}, [&] {
    second_is_done.wait();
    return 1;
  });
  kit.add("second", "", {}, [&] {
    second_is_done.open();
    return 2;
  });
  const auto outcomes =
      world.run(runner_of(kit), {{"a", "first", ""}, {"b", "none", ""}, {"c", "second", ""}});
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].text == "1");
  CHECK(outcomes[1].failed);
  CHECK(outcomes[2].text == "2");
  CHECK(outcomes[2].call.id == "c");
}

TEST_CASE("as many calls run at a time as the rules allow", "[tools]") {
  World world;
  std::latch both_run(2);
  const auto meet = [&] { both_run.arrive_and_wait(); };
  const std::vector<ToolCall> calls(2, {"c", "tool", ""});
  CHECK(world.run(runner_of(kit_of(meet), {.max_parallel = 2}), calls).size() == 2);
}

TEST_CASE("no more calls run at a time than the rules allow", "[tools]") {
  World world;
  std::atomic<int> running = 0, most = 0;
  const auto count = [&] {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    --running;
  };
  const std::vector<ToolCall> calls(50, {"c", "tool", ""});
  CHECK(world.run(runner_of(kit_of(count), {.max_parallel = 2}), calls).size() == 50);
  CHECK(most <= 2);
}

TEST_CASE("a call that is not granted is not run, and the model is told why", "[tools]") {
  std::vector<std::string> asked;
  const ToolRules rules = {.approve = [&](const PendingToolCall& pending) {
    asked.push_back(pending.call.name + " " + std::string(pending.arguments["place"].as_string()));
    const bool rome = pending.arguments["place"].as_string() == "Rome";
    return rome ? Approval{} : Approval{.granted = false, .reason = "only Rome today"};
  }};
  World world;
  const auto outcomes = world.run(runner_of(weather(), rules), {{"a", "get_weather", R"({"place":"Oslo"})"},
                                                                {"b", "get_weather", "broken"},
                                                                {"c", "get_weather", R"({"place":"Rome"})"}});
  CHECK(asked == std::vector<std::string>{"get_weather Oslo", "get_weather Rome"});
  CHECK(outcomes.at(0).text == "Error: the call of 'get_weather' was not allowed: only Rome today");
  CHECK(outcomes.at(0).failed);
  CHECK(outcomes.at(2).text == "Rome 1 none");
}

TEST_CASE("what the approval throws leaves the run, and nothing is run", "[tools]") {
  World world;
  std::atomic<int> ran = 0;
  int asked = 0;
  const ToolRunner runner =
      runner_of(kit_of([&] { ++ran; }), {.approve = [&](const PendingToolCall&) -> Approval {
                  if (++asked == 2) throw std::domain_error("no more");
                  return {};
                }});
  CHECK_THROWS_AS(world.start(runner, {{"a", "tool", ""}, {"b", "tool", ""}}), std::domain_error);
  CHECK(ran == 0);
}

TEST_CASE("a tool hears that its generation is cancelled, and the run ends when it returns", "[tools]") {
  World world;
  std::latch both_run(2);
  const auto wait = [&](const CallContext& context) {
    both_run.count_down();
    wait_for_cancel(context);
    return "too late";
  };
  auto outcomes = world.start(runner_of(kit_of(wait), {.max_parallel = 2}),
                              {{"a", "tool", ""}, {"b", "tool", ""}, {"c", "tool", ""}});
  both_run.wait();
  world.cancellation.request(CancelReason::caller);
  for (const ToolOutcome& outcome : outcomes.get()) {
    CHECK(outcome.failed);
    CHECK(outcome.text == "Error: the call of 'tool' was cancelled");
  }
}

TEST_CASE("nothing is asked or run for a generation that is cancelled already", "[tools]") {
  World world;
  world.cancellation.request(CancelReason::total);
  bool asked = false;
  const ToolRunner runner = runner_of(kit_of([] {}), {.approve = [&](const PendingToolCall&) {
                                        asked = true;
                                        return Approval{};
                                      }});
  CHECK(world.run(runner, {{"a", "tool", ""}}).at(0).text == "Error: the call of 'tool' was cancelled");
  CHECK_FALSE(asked);
}

TEST_CASE("a call whose time is up is told to end, and the model that it took too long", "[tools]") {
  const auto wait = [](const CallContext& context) {
    wait_for_cancel(context);
    return "too late";
  };
  const auto outcome = outcome_of(kit_of(wait), "tool", "", {.time_limit = 10ms});
  CHECK(outcome.failed);
  CHECK(outcome.text ==
        "Error: 'tool' did not finish within 10 ms\nHint: ask it for less, or answer without it");
}

TEST_CASE("one call's time limit leaves the others alone", "[tools]") {
  World world;
  Gate other_is_done;
  ToolKit kit;
  kit.add("slow", "", {}, [&](const CallContext& context) {
    wait_for_cancel(context);
    other_is_done.open();
  });
  kit.add("other", "", {}, [&](const CallContext& context) {
    other_is_done.wait();
    return context.cancellation.requested() ? "stopped" : "fine";
  });
  // 'other' waits for the time-out of 'slow', so its own limit may be up as well: it has none
  const ToolRunner with_limit = runner_of(kit, {.time_limit = 10ms});
  const ToolRunner without = runner_of(kit, {.time_limit = 0ms});
  auto other = world.start(without, {{"b", "other", ""}});
  CHECK(world.run(with_limit, {{"a", "slow", ""}}).at(0).failed);
  CHECK(other.get().at(0).text == "fine");
}

TEST_CASE("a limit beyond what a clock can count is never", "[tools]") {
  const ToolOutcome outcome =
      outcome_of(kit_of([] { return "fine"; }), "tool", "", {.time_limit = std::chrono::milliseconds::max()});
  CHECK(outcome.text == "fine");
}

TEST_CASE("a tool is given the generation's request id", "[tools]") {
  const auto id = [](const CallContext& context) { return context.request_id; };
  CHECK(outcome_of(kit_of(id), "tool", "").text == "request-7");
}

TEST_CASE("a run outlives its runner", "[tools]") {
  World world;
  Gate gate;
  std::future<std::vector<ToolOutcome>> outcomes;
  {
    const ToolRunner runner = runner_of(kit_of([&] { gate.wait(); }));
    outcomes = world.start(runner, {{"a", "tool", ""}});
  }
  gate.open();
  CHECK(outcomes.get().at(0).text == "done");
}

TEST_CASE("calls of tools that the caller runs are not answered here; unknown names are", "[tools]") {
  ToolKit kit = weather();
  kit.add(ToolSpec{.name = "by_hand", .description = "", .parameters = {}});
  const ToolRunner runner = runner_of(kit);
  CHECK(runner.answers("get_weather"));
  CHECK_FALSE(runner.answers("by_hand"));
  CHECK(runner.answers("no_such_tool"));
  const std::vector<ToolSpec> specs = runner.specs();
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].name == "get_weather");
  CHECK(specs[1].parameters["type"].as_string() == "object");
}

TEST_CASE("runs side by side, with some cancelled and some out of time, all end with every outcome",
          "[tools]") {
  Timer timer;
  Workers workers(6);
  ToolKit kit;
  kit.add("quick", "", {param("n")}, [](int n) { return n; });
  kit.add("waits", "", {}, [](const CallContext& context) { wait_for_cancel(context); });
  kit.add("fails", "", {}, []() -> int { throw std::runtime_error("no"); });
  const ToolRunner runner = runner_of(kit, {.max_parallel = 3, .time_limit = 5ms});
  std::vector<ToolCall> calls;
  for (int n = 0; n < 4; ++n) {
    calls.push_back({"q", "quick", "{\"n\":" + std::to_string(n) + "}"});
    calls.push_back({"w", "waits", ""});
    calls.push_back({"f", "fails", ""});
  }
  std::atomic<int> whole = 0;
  std::vector<std::thread> generations;
  for (int i = 0; i < 8; ++i)
    generations.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        CallCancellation cancellation;
        const auto done = std::make_shared<std::promise<std::vector<ToolOutcome>>>();
        runner.run(calls, cancellation, timer, workers,
                   [done](std::vector<ToolOutcome> outcomes) { done->set_value(std::move(outcomes)); });
        if ((i + round) % 2 == 0) cancellation.request(CancelReason::caller);
        const auto outcomes = done->get_future().get();
        if (outcomes.size() == calls.size() && outcomes[11].failed && outcomes[10].failed) ++whole;
      }
    });
  for (std::thread& generation : generations) generation.join();
  CHECK(whole == 40);
}
