// SPDX-License-Identifier: MIT
// Whether a model keeps its place while the tools run that it has called.
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kCallsATool[] = R"(models: [{key: a, size: 4GB}, {key: b, size: 4GB}]
replies:
  - {when: {model: a, tool_results: 0}, tool_calls: [{name: take_time}]}
  - {when: {model: a}, text: done}
  - {text: hello}
)";

/// A program with room for one model, that asks `a` in a loop with a tool which takes its time.
class Loop {
 public:
  explicit Loop(const std::string& patience)
      : simulator_(kCallsATool),
        runtime_(Runtime::open(folder_.write("tachikoma.yaml",
                                             "providers: {lmstudio: {base_url: '" + simulator_.base_url() +
                                                 "'}}\nmodels: {a: {provider: lmstudio}, b: {provider: "
                                                 "lmstudio}}\nmemory: {max_instances: 1, patience: " +
                                                 patience + "}\n"),
                               [](auto&&...) {})
                     .value()) {
    tools_.add("take_time", "Takes its time", {}, [this]() -> std::string {
      if (asks_other_) return ask("b").value().text;
      begun_.set_value();
      end_.get_future().wait();
      return "taken";
    });
  }

  auto start() {
    return std::async(std::launch::async, [this] {
      return runtime_.generate_text({.model = "a", .messages = {user("Hi")}, .tools = tools_});
    });
  }
  /// The tool asks the other model.
  void let_tool_ask() { asks_other_ = true; }
  void wait_for_tool() { begun_.get_future().wait(); }
  void end_tool() { end_.set_value(); }
  Result<Reply> ask(const std::string& model) {
    return runtime_.generate_text({.model = model, .messages = {user("Hi")}});
  }
  auto ask_other() {
    return std::async(std::launch::async, [this] { return ask("b"); });
  }
  /// And the model of the loop has not been asked for longer than one that nobody holds would stay.
  void wait_until_other_waits() const {
    constexpr std::chrono::milliseconds kLongerThanAnyMoment{1'100};
    const auto waits = [&] {
      bool other_waits = false, idle_for_long = false;
      for (const ScheduledModel& each : runtime_.explain().models) {
        if (each.key == "b") other_waits = each.waiting > 0 || each.residence != Residence::absent;
        if (each.key == "a")
          idle_for_long = each.residence != Residence::loaded || each.unused_for.value > kLongerThanAnyMoment;
      }
      return other_waits && idle_for_long;
    };
    wait_until(std::chrono::seconds(20), waits, [] { return "nobody waits for the other model"; });
  }
  /// "+a -a +b": the loads and the unloads.
  std::string switches() const {
    std::string text;
    for (const ModelSwitch& each : runtime_.explain().switches)
      text += (text.empty() ? "" : " ") + std::string(each.loaded ? "+" : "-") + each.key;
    return text;
  }

 private:
  TempDir folder_;
  const Simulator simulator_;
  std::promise<void> begun_, end_;
  bool asks_other_ = false;
  ToolKit tools_;
  Runtime runtime_;
};

}  // namespace

TEST_CASE("a model keeps its place while its tools run, as long as the patience allows", "[runtime][loop]") {
  Loop loop("1h");
  auto answer = loop.start();
  loop.wait_for_tool();
  auto other = loop.ask_other();
  loop.wait_until_other_waits();
  loop.end_tool();
  CHECK(answer.get().value().text == "done");
  CHECK(other.get().value().text == "hello");
  CHECK(loop.switches() == "+a -a +b");
}

TEST_CASE("a model whose tools run makes room when another was waited for too long, and comes back",
          "[runtime][loop]") {
  Loop loop("0s");
  auto answer = loop.start();
  loop.wait_for_tool();
  CHECK(loop.ask_other().get().value().text == "hello");
  loop.end_tool();
  CHECK(answer.get().value().text == "done");
  CHECK(loop.switches() == "+a -a +b -b +a");
}

TEST_CASE("a tool that asks another model does not wait until the patience of its own loop ends",
          "[runtime][loop]") {
  Loop loop("1h");
  loop.let_tool_ask();
  CHECK(loop.start().get().value().text == "done");
  CHECK(loop.switches() == "+a -a +b -b +a");
}
