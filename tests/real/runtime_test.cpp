// SPDX-License-Identifier: MIT
// The library, in this process, against a real server.
#include <chrono>
#include <stdexcept>
#include <string>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

namespace {

void wait_until_idle(const LlamaServer& server) {
  wait_until(
      20s, [&] { return !server.busy(); }, [] { return "the server still generates"; });
}

}  // namespace

TEST_CASE("leaving the range ends the generation on the server", "[real]") {
  const LlamaServer server = LlamaServer::with_model(tireless("alpha"));
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 30000)).value();
  for (const Delta& delta :
       runtime.stream_text({.model = "alpha", .messages = {user("Tell me everything")}}).value()) {
    if (delta.text().empty()) continue;
    CHECK(server.busy());
    break;
  }
  wait_until_idle(server);
}

TEST_CASE("a stop request ends the generation on the server", "[real]") {
  const LlamaServer server = LlamaServer::with_model(tireless("alpha"));
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 30000)).value();
  std::stop_source stop;
  const Result<Reply> reply = runtime.stream_text(
      {.model = "alpha", .messages = {user("Tell me everything")}, .stop = stop.get_token()},
      [&](const Delta& delta) {
        if (!delta.text().empty()) stop.request_stop();
        return Flow::proceed;
      });
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
  wait_until_idle(server);
}

TEST_CASE("a real server's tool calls arrive whole", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"caller", {"--calls-tools"}}});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 600)).value();
  const Value parameters =
      Value::object({{"type", "object"},
                     {"properties", Value::object({{"level", Value::object({{"type", "integer"}})}})},
                     {"required", Value::array({"level"})}});
  GenerationSettings settings;
  settings.extra = Value::object({{"tool_choice", "required"}});
  const Reply reply = runtime
                          .generate_text({.model = "caller",
                                          .messages = {user("Set the level")},
                                          .tools = {{"set_level", "Sets the level", parameters}},
                                          .settings = settings})
                          .value();
  REQUIRE_FALSE(reply.tool_calls.empty());
  for (const ToolCall& call : reply.tool_calls) CHECK(call.name == "set_level");
  CHECK(parse_json(reply.tool_calls.front().arguments).value()["level"].is_number());
}

TEST_CASE("one program switches between two models on two providers while a monitor writes what happened",
          "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"alpha"}, {"beta"}});
  const Simulator simulator;
  const TempDir folder;
  const std::string events = (folder.path() / "events.jsonl").string();
  const std::string config = folder.write("tachikoma.yaml", R"(
providers:
  engine: {plugin: openai, base_url: "http://127.0.0.1:)" + std::to_string(server.port()) +
                                                                R"(/v1"}
  studio: {plugin: lmstudio, base_url: ")" + simulator.base_url() +
                                                                R"("}
models:
  noise: {provider: engine, key: beta, max_tokens: 25}
  words: {provider: studio, key: openai/gpt-oss-20b}
monitors:
  log: {plugin: echo, file: ")" + events + R"("}
)");
  std::vector<Reply> replies;
  {
    Runtime runtime = Runtime::open(config).value();
    for (const char* name : {"words", "noise", "words"}) {
      REQUIRE(runtime.models().use(name));
      CHECK(runtime.models().selected() == name);
      replies.push_back(runtime.generate_text({.messages = {user("Hello")}}).value());
    }
    replies.push_back(
        runtime
            .generate_text(
                {.model = "engine::alpha", .messages = {user("Hello")}, .settings = {.max_tokens = 25}})
            .value());
    CHECK_FALSE(runtime.models().use("nobody"));
    CHECK(runtime.models().selected() == "words");
    CHECK_FALSE(runtime.generate_text({.model = "engine::nobody", .messages = {user("Hello")}}));
  }

  std::vector<std::string> expected = {"studio openai/gpt-oss-20b", "engine beta",
                                       "studio openai/gpt-oss-20b", "engine alpha"};
  std::vector<std::string> answered, started, finished;
  for (const Reply& reply : replies) answered.push_back(reply.provider + " " + reply.model);
  CHECK(answered == expected);

  std::size_t index = 0;
  for (const Value& event : json_lines(read_file(events))) {
    const std::string what =
        std::string(event["provider"].as_string()) + " " + std::string(event["model"].as_string());
    if (event["kind"].as_string() == "started") started.push_back(what);
    if (event["kind"].as_string() != "finished") continue;
    finished.push_back(what);
    CHECK(event["usage"]["completion_tokens"].as_integer() == replies.at(index++).usage.completion_tokens);
  }
  CHECK(finished == expected);
  expected.emplace_back("engine nobody");  // which its list lacks, and the server refuses
  CHECK(started == expected);
}
