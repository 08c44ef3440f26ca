// SPDX-License-Identifier: MIT
#include <thread>

#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::shared_ptr<Provider> echo(const Value& settings = {}) {
  return PluginRegistry({built_plugins()}, nullptr).make_provider("echo", settings, "echo").value();
}

ChatRequest say(std::string text, GenerationSettings settings = {}) {
  return {
      .model = "echo-small",
      .messages = {{.role = Role::system, .text = "Be brief"}, {.role = Role::user, .text = std::move(text)}},
      .settings = std::move(settings)};
}

}  // namespace

TEST_CASE("the echo repeats the last user message word by word", "[echo]") {
  Collector sink;
  const ChatOutcome outcome = chat(*echo(), say(" Hello,  world \n"), sink).value();
  CHECK(sink.deltas == std::vector<std::string>{" Hello,", "  world \n"});
  CHECK(outcome.finish == Finish::stop);
  CHECK(outcome.usage == Usage{4, 2, std::nullopt});
  CHECK(outcome.served_model == "echo-small");
  CHECK(outcome.extra["token"] == Value("word"));
}

TEST_CASE("the echo honours max_tokens and stop sequences", "[echo]") {
  Collector sink;
  CHECK(chat(*echo(), say("one two three", {.max_tokens = 2}), sink).value().finish == Finish::length);
  CHECK(sink.text == "one two");
  Collector stopped;
  CHECK(chat(*echo(), say("one two three", {.stop_sequences = {"three", " tw"}}), stopped).value().finish ==
        Finish::stop);
  CHECK(stopped.text == "one");
}

TEST_CASE("the echo refuses what it can't apply, and takes the value that means off", "[echo]") {
  const auto refused = [](GenerationSettings settings) {
    const auto outcome = chat(*echo(), say("x", std::move(settings)));
    return outcome ? "taken" : std::string(to_string(outcome.error().code)) + ": " + outcome.error().message;
  };
  CHECK(refused({.temperature = 0.7}) ==
        "unsupported: provider 'echo' can't apply 'temperature': it samples nothing");
  CHECK(refused({.mirostat = 2}) ==
        "unsupported: provider 'echo' can't apply 'mirostat': it samples nothing");
  CHECK(refused({.extra = Value::object({{"logit_bias", 1}})}) ==
        "unsupported: provider 'echo' can't apply 'logit_bias': it samples nothing");
  CHECK(refused({.temperature = 0.0,
                 .top_p = 1.0,
                 .top_k = 0,
                 .min_p = 0.0,
                 .repeat_penalty = 1.0,
                 .presence_penalty = 0.0,
                 .frequency_penalty = 0.0,
                 .mirostat = 0,
                 .seed = 7}) == "taken");
}

TEST_CASE("the echo refuses tools and a request without a user message", "[echo]") {
  ChatRequest request = say("x");
  request.tools = {{.name = "clock", .description = "", .parameters = {}}};
  CHECK(chat(*echo(), request).error().code == ErrorCode::unsupported);
  CHECK(chat(*echo(), {.model = "echo-small", .messages = {}}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("the echo thinks aloud when it is told to", "[echo]") {
  const auto provider = echo(Value::object({{"reasoning", "Let me see."}}));
  Collector sink;
  const ChatOutcome outcome = chat(*provider, say("hi"), sink).value();
  CHECK(sink.thinking == "Let me see.");
  CHECK(sink.text == "hi");
  CHECK(outcome.usage.reasoning_tokens == 3);
  CHECK(outcome.usage.completion_tokens == 4);
  Collector quiet;
  CHECK(chat(*provider, say("hi", {.reasoning_effort = ReasoningEffort::none}), quiet));
  CHECK(quiet.thinking.empty());
}

TEST_CASE("the echo lists its models and names near ones", "[echo]") {
  const auto provider = echo(Value::object({{"models", Value::array({"alpha", "beta"})}}));
  ManualCancellation never;
  auto* catalog = static_cast<ModelCatalog*>(provider->capability(ModelCatalog::kId));
  const auto models = catalog->list_models({never, "1"}).value();
  REQUIRE(models.size() == 2);
  CHECK(models[1].key == "beta");
  const Error error = chat(*provider, {.model = "alpa", .messages = {}}).error();
  CHECK(error.code == ErrorCode::model_not_found);
  CHECK(error.hint == "did you mean 'alpha'?");
  auto* health = static_cast<HealthCheck*>(provider->capability(HealthCheck::kId));
  CHECK(health->check_health({never, "2"}).value().server == "echo");
}

TEST_CASE("invalid UTF-8 in a message is repaired in the echo", "[echo]") {
  Collector sink;
  CHECK(chat(*echo(), say("a\xff b"), sink));
  CHECK(sink.text == "a\xEF\xBF\xBD b");
}

TEST_CASE("the echo ends when its sink has enough", "[echo]") {
  Collector sink(2);
  CHECK(chat(*echo(), say("one two three four"), sink));
  CHECK(sink.deltas.size() == 2);
}

TEST_CASE("an echo that waits wakes up when it is cancelled", "[echo]") {
  const auto provider = echo(Value::object({{"delay", 3'600'000}}));
  ManualCancellation cancellation;
  Collector sink;
  ChatRequest request = say("never said");
  std::thread canceller([&] { cancellation.request(); });
  const auto outcome = provider->chat(request, sink, {cancellation, "1"});
  canceller.join();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::cancelled);
  CHECK(sink.text.empty());
}

TEST_CASE("the echo tool gives its text back", "[echo]") {
  auto tool = PluginRegistry({built_plugins()}, nullptr).make_tool("echo", {}, "echo").value();
  ManualCancellation never;
  CHECK(tool->spec().name == "echo");
  CHECK(tool->call(Value::object({{"text", "hi"}}), {never, "1"}).value() == Value("hi"));
  CHECK(tool->call(Value::object({{"text", 1}}), {never, "1"}).error().code == ErrorCode::schema_violation);
}

TEST_CASE("the echo monitor appends one line of JSON per event", "[echo]") {
  const TempDir dir;
  const std::string file = dir.write("events.jsonl", "{\"kind\":\"earlier\"}\n");
  PluginRegistry registry({built_plugins()}, nullptr);
  auto monitor = registry.make_monitor("echo", Value::object({{"file", file}}), "log").value();
  MonitorEvent event{
      .time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'007)),
      .request_id = "r1",
      .provider = "p",
      .model = "m"};
  monitor->on_event(event);
  event.kind = MonitorEvent::Kind::finished;
  event.elapsed = std::chrono::microseconds(2500);
  event.decode_time = std::chrono::milliseconds(2);
  event.usage = {1, 2, std::nullopt};
  event.finish = Finish::length;
  event.served_model = "m-1";
  monitor->on_event(event);
  event.kind = MonitorEvent::Kind::failed;
  event.error = Error(ErrorCode::timeout, "too \"late\"");
  monitor->on_event(event);
  CHECK(monitor->flush());
  const std::string head =
      R"("time":"2023-11-14T22:13:20.007Z","request_id":"r1","provider":"p","model":"m",)";
  CHECK(
      read_file(file) ==
      "{\"kind\":\"earlier\"}\n"
      "{\"kind\":\"started\"," +
          head +
          "\"elapsed_ms\":0.0}\n"
          "{\"kind\":\"finished\"," +
          head +
          R"("elapsed_ms":2.5,"served_model":"m-1","finish":"length","decode_ms":2.0,"usage":{"prompt_tokens":1,"completion_tokens":2}})" +
          "\n"
          "{\"kind\":\"failed\"," +
          head + R"("elapsed_ms":2.5,"error":{"code":"timeout","message":"too \"late\""}})" + "\n");
}

TEST_CASE("the echo monitor says why it can't write", "[echo]") {
  PluginRegistry registry({built_plugins()}, nullptr);
  const Error error = registry.make_monitor("echo", Value::object({{"file", "/nowhere/x"}}), "log").error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message == "monitor 'echo' can't write to file '/nowhere/x' (No such file or directory)");
}
