// SPDX-License-Identifier: MIT
// The llamacpp plugin with a real llama.cpp server: from a config file, with servers that it starts itself.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("Status, streaming, tools, schemas and tokens come from real servers, one for each model",
          "[real][llamacpp]") {
  const LaunchedWorld world;
  {
    Runtime runtime = world.open();
    const LoadedModel alpha = runtime.load_model("alpha", {.context_length = 1024, .parallel = 2}).value();
    CHECK(alpha.instance == "alpha");
    CHECK(alpha.applied.context_length == 1024);
    const ModelStatus status = runtime.model_status("alpha").value();
    CHECK(status.state == ModelState::loaded);
    CHECK(status.context_length.value == 1024);
    CHECK(status.total_layers);
    CHECK(status.gpu_layers);
    CHECK(status.memory_bytes.value > 0);
    CHECK(status.activity.value == Activity::idle);
    CHECK(status.queued.source == Source::reported);

    std::string text;
    const Reply reply =
        runtime
            .stream_text({.model = "beta", .messages = {user("Hello")}, .settings = {.mirostat = 2}},
                         [&](const Delta& delta) {
                           text += delta.text();
                           return Flow::proceed;
                         })
            .value();
    CHECK(reply.model == "beta");
    CHECK(reply.text == text);
    CHECK(reply.usage.completion_tokens.value_or(0) > 0);
    CHECK(world.servers().size() == 2);
    CHECK(runtime.generate_text_future({.model = "alpha", .messages = {user("Hi")}}).get());

    const Value schema =
        Value::object({{"type", "object"},
                       {"properties", Value::object({{"n", Value::object({{"type", "integer"}})}})},
                       {"required", Value::array({"n"})}});
    const auto object = runtime.generate_object(
        {.model = "alpha", .messages = {user("A number")}, .settings = {.max_tokens = 200}}, schema);
    CHECK((object || object.error().code == ErrorCode::schema_violation));  // noise may run out of tokens
    CHECK(runtime.count_tokens("alpha", "Hello there").value().value > 0);

    ToolKit kit;
    int calls = 0;
    kit.add("set_level", "Sets the level", {param("level", "In lumen")}, [&](int) { return ++calls; });
    const Result<Reply> tool =
        runtime.generate_text({.model = "caller",
                               .messages = {user("Set the level")},
                               .tools = kit,
                               .tool_rules = {.max_steps = 2},
                               .tool_choice = ToolChoice{.mode = ToolChoice::Mode::required},
                               .settings = {.max_tokens = 600}});
    INFO((tool ? std::string() : tool.error().message));
    CHECK(tool);
    CHECK(calls > 0);
    CHECK(world.servers().size() == 3);
    CHECK(runtime.unload_model("beta").value() == std::vector<std::string>{"beta"});
    CHECK(world.servers().size() == 2);
  }
  CHECK(world.servers().empty());
}

TEST_CASE("A grammar rules the answer, and what a model thinks is told from what it says, in any format",
          "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  const auto ask = [&](Value extra) {
    return runtime.generate_text({.messages = {user("Yes?")}, .settings = {.extra = std::move(extra)}})
        .value();
  };
  CHECK(ask(Value::object({{"grammar", R"(root ::= "yes")"}})).text == "yes");
  for (const char* format : {"auto", "deepseek", "none"}) {
    INFO(format);
    const Reply reply =
        ask(Value::object({{"grammar", R"(root ::= "<think>hm</think>yes")"}, {"reasoning_format", format}}));
    CHECK(reply.text == "yes");
    CHECK(reply.channels[Channel::thinking] == "hm");
  }
}

TEST_CASE("The command line loads, shows, asks and unloads with a real server, and leaves nothing",
          "[real][llamacpp]") {
  const LaunchedWorld world;
  const Finished loaded = run(cli(world.config, {"load", "alpha", "--context", "512", "--json"}));
  INFO(loaded.err);
  CHECK(loaded.exit_code == 0);
  CHECK(json_lines(loaded.out).at(0)["data"]["applied"]["context_length"].as_integer() == 512);
  CHECK_THAT(run(cli(world.config, {"load", "beta"})).err, ContainsSubstring(" and no layers on GPUs"));
  CHECK(run(cli(world.config, {"ask", "-m", "beta", "Hello"})).exit_code == 0);
  CHECK(run(cli(world.config, {"ask", "-m", world.file("beta"), "Hello"})).exit_code == 0);
  CHECK(run(cli(world.config, {"ask", "-m", "gamma", "Hello"})).exit_code == 6);
  CHECK(world.servers().empty());
}

TEST_CASE("While a chat runs, ps shows the model that it keeps on a real server, and what that takes",
          "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}});
  const TempDir session;
  const auto command = [&](std::vector<std::string> words) {
    Command made = cli(world.config, std::move(words));
    made.env.emplace_back("XDG_RUNTIME_DIR", session.path().string());
    return made;
  };
  const auto programs = [&] {
    return json_lines(run(command({"ps", "--json"})).out).at(0)["data"]["programs"];
  };
  Process chat(command({"chat", "-m", "alpha", "--json"}));
  chat.write("Hello\n");
  chat.read_line(std::chrono::minutes(1));
  Value model;
  wait_until(
      std::chrono::seconds(20),
      [&] {
        const Value all = programs();
        const auto& models = all.elements().at(0)["models"].elements();
        if (!models.empty()) model = models[0];
        return model["residence"].as_string() == "loaded" && model["leases"].as_integer(-1) == 0;
      },
      [&] { return to_json(model); });
  CHECK(model["key"].as_string() == "alpha");
  CHECK(model["ram_bytes"]["value"].as_integer() > 0);
  chat.close_input();
  CHECK(chat.wait() == 0);
  CHECK(programs().elements().empty());
}

TEST_CASE("A model's file is asked without a configuration where a llama-server is at hand",
          "[real][llamacpp]") {
  const LaunchedWorld world({talkative("alpha")});
  Command ask{.argv = {program("tachikoma"), "ask", "-m", world.file("alpha"), "--max-tokens", "4", "Hello"}};
  ask.folder = world.folder.path().string() + "/models";
  ask.env = {{"PATH", std::filesystem::path(std::getenv("LLAMA_SERVER")).parent_path().string() +
                          ":/usr/sbin:/usr/bin:/sbin:/bin"},
             {"HOME", world.folder.path().string()},
             {"XDG_CONFIG_HOME", ""},
             {"TACHIKOMA_CONFIG", ""}};
  const Finished asked = run(ask);
  INFO(asked.err);
  CHECK(asked.exit_code == 0);
  CHECK_FALSE(asked.out.empty());
}
