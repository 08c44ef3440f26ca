// SPDX-License-Identifier: MIT
// The llamacpp plugin with a real llama.cpp server: from a config file, with servers that it starts itself.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/resources.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// A folder with tiny models, and a config whose provider `local` starts servers for them.
struct World {
  explicit World(const std::vector<TinyModel>& models = {{"alpha"}, {"beta"}, {"caller", {"--calls-tools"}}},
                 const std::string& server = std::getenv("LLAMA_SERVER")) {
    std::filesystem::create_directory(folder.path() / "models");
    for (const TinyModel& model : models) {
      Command make{.argv = {program("make-model"), file(model.name)}};
      make.argv.insert(make.argv.end(), model.options.begin(), model.options.end());
      REQUIRE(run(make).exit_code == 0);
    }
    text = "providers:\n  local: {plugin: llamacpp, server: '" + server +
           "', models_dir: models, timeouts: {load: 60s}}\n"
           "defaults: {model: local::alpha, inference: {max_tokens: 24}}\n"
           "policy: {retry: {attempts: 1}}\n";
    config = folder.write("tachikoma.yaml", text);
  }
  std::string file(const std::string& model) const {
    return (folder.path() / "models" / (model + ".gguf")).string();
  }
  Runtime open() const {
    return Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  }

  TempDir folder;
  std::string text, config;
};

std::string command_line(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::string line;
  std::getline(in, line);  // empty when it just ended
  for (char& c : line)
    if (c == '\0') c = ' ';
  return line;
}

// The llama-servers that serve a model of this world.
std::vector<pid_t> servers_of(const World& world) {
  std::vector<pid_t> pids;
  for (const auto& each : std::filesystem::directory_iterator("/proc")) {
    const std::string name = each.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string line = command_line(std::stoi(name));
    if (line.find("--alias") != std::string::npos && line.find("keeper") == std::string::npos &&
        line.find(world.folder.path().string()) != std::string::npos)
      pids.push_back(std::stoi(name));
  }
  return pids;
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

// What follows the option on a command line; "given" when that is another option, or nothing.
std::string value_after(const std::string& line, const std::string& option) {
  const std::size_t at = line.find(" " + option + " ");
  if (at == std::string::npos) return "";
  const std::size_t start = at + option.size() + 2;
  const std::string value = line.substr(start, line.find(' ', start) - start);
  return value.empty() || value.starts_with("--") ? "given" : value;
}

}  // namespace

TEST_CASE("Every load setting of the document reaches a real llama.cpp server, or is refused by name",
          "[real][llamacpp]") {
  const World world;
  Runtime runtime = world.open();
  struct Row {
    const char* setting;
    LoadSettings settings;
    const char* option;
    const char* given;
  };
  const std::vector<Row> rows{
      {"context_length", {.context_length = 1024}, "--ctx-size", "1024"},
      {"n_gpu_layers: -1", {.gpu_layers = GpuLayers::all()}, "--n-gpu-layers", "999"},
      {"n_gpu_layers: 3", {.gpu_layers = GpuLayers::exactly(3)}, "--n-gpu-layers", "3"},
      {"batch_size", {.batch_size = 256}, "--batch-size", "256"},
      {"threads", {.threads = 1}, "--threads", "1"},
      {"gpu_split_mode: layer", {.gpu_split_mode = SplitMode::layer}, "--split-mode", "layer"},
      {"gpu_split_mode: row", {.gpu_split_mode = SplitMode::row}, "--split-mode", "row"},
      {"main_gpu", {.main_gpu = 0}, "--main-gpu", "0"},
      {"tensor_split", {.tensor_split = {1}}, "--tensor-split", "1"},
      {"offload_kqv", {.offload_kqv = false}, "--no-kv-offload", "given"},
      {"flash_attention", {.flash_attention = FlashAttention::off}, "--flash-attn", "off"},
      {"micro_batch_size", {.micro_batch_size = 64}, "--ubatch-size", "64"},
      {"cache_type_k", {.cache_type_k = "f32"}, "--cache-type-k", "f32"},
      {"seed", {.seed = 7}, "--seed", "7"},
      {"parallel", {.parallel = 2}, "--parallel", "2"},
  };
  std::cout << "setting                  on the command line        not applied\n";
  for (const Row& row : rows) {
    INFO(row.setting);
    const Result<LoadedModel> loaded = runtime.load_model("alpha", row.settings);
    REQUIRE(loaded);
    const std::vector<pid_t> pids = servers_of(world);
    REQUIRE(pids.size() == 1);
    CHECK(value_after(command_line(pids.front()), row.option) == row.given);
    std::string unapplied;
    for (const UnappliedSetting& each : loaded->unapplied) unapplied += each.name + ": " + each.reason + " ";
    std::cout << row.setting << std::string(25 - std::string(row.setting).size(), ' ') << row.option << ' '
              << row.given << "   " << unapplied << '\n';
    REQUIRE(runtime.unload_model("alpha"));
  }
  const Result<LoadedModel> memory = runtime.load_model("alpha", {.use_mlock = true, .use_mmap = false});
  REQUIRE(memory);
  const std::string line = command_line(servers_of(world).front());
  CHECK((value_after(line, "--load-mode") == "mlock" ||
         (value_after(line, "--mlock") == "given" && value_after(line, "--no-mmap") == "given")));
}

TEST_CASE("Status, streaming, tools, schemas and tokens come from real servers, one for each model",
          "[real][llamacpp]") {
  const World world;
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
    CHECK(servers_of(world).size() == 2);
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
                               .settings = {.max_tokens = 300}});
    INFO((tool ? std::string() : tool.error().message));
    CHECK(tool);
    CHECK(calls > 0);
    CHECK(servers_of(world).size() == 3);
    CHECK(runtime.unload_model("beta").value() == std::vector<std::string>{"beta"});
    CHECK(servers_of(world).size() == 2);
  }
  CHECK(servers_of(world).empty());
}

TEST_CASE("A model that a request loads has the load settings of the configuration", "[real][llamacpp]") {
  const World world({{"alpha"}});
  const std::string config = world.folder.write(
      "alias.yaml",
      world.text + "models: {chat: {provider: local, key: alpha, context_length: 768, threads: 1}}\n");
  Runtime runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  const Reply reply = runtime.generate_text({.model = "chat", .messages = {user("Hello")}}).value();
  for (const std::string& notice : reply.notices) CHECK_THAT(notice, !ContainsSubstring("load settings"));
  const std::string line = command_line(servers_of(world).at(0));
  CHECK(value_after(line, "--ctx-size") == "768");
  CHECK(value_after(line, "--threads") == "1");
}

TEST_CASE("The command line loads, shows, asks and unloads with a real server, and leaves nothing",
          "[real][llamacpp]") {
  const World world;
  const Finished loaded = run(cli(world.config, {"load", "alpha", "--context", "512", "--json"}));
  INFO(loaded.err);
  CHECK(loaded.exit_code == 0);
  CHECK(json_lines(loaded.out).at(0)["data"]["applied"]["context_length"].as_integer() == 512);
  CHECK(run(cli(world.config, {"ask", "-m", "beta", "Hello"})).exit_code == 0);
  CHECK(run(cli(world.config, {"ask", "-m", world.file("beta"), "Hello"})).exit_code == 0);
  CHECK(run(cli(world.config, {"ask", "-m", "gamma", "Hello"})).exit_code == 6);
  CHECK(servers_of(world).empty());
}

TEST_CASE("A model's file is asked without a configuration where a llama-server is at hand",
          "[real][llamacpp]") {
  const World world({tireless("alpha")});
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

TEST_CASE("A server that is killed in mid-answer is a lost model, and the next call loads it anew",
          "[real][llamacpp]") {
  const World world({tireless("alpha")});
  Runtime runtime = world.open();
  const Result<Reply> lost = runtime.stream_text(
      {.messages = {user("Hello")}, .settings = {.max_tokens = 30000}}, [&](const Delta&) {
        for (const pid_t pid : servers_of(world)) ::kill(pid, SIGKILL);
        return Flow::proceed;
      });
  CHECK(lost.error().code == ErrorCode::model_lost);
  Result<Reply> again = runtime.generate_text({.messages = {user("Hello")}});
  CHECK(comes_true(20s,
                   [&] { return again || (again = runtime.generate_text({.messages = {user("Hello")}})); }));
}

TEST_CASE("No server outlives a program that is killed", "[real][llamacpp]") {
  const World world({tireless("alpha")});
  Process asking(cli(world.config, {"ask", "--max-tokens", "30000", "Hello"}));
  asking.close_input();
  REQUIRE(comes_true(30s, [&] { return !servers_of(world).empty(); }));
  const std::vector<pid_t> pids = servers_of(world);
  asking.signal(SIGKILL);
  for (const pid_t pid : pids) CHECK(comes_true(2s, [&] { return is_gone(pid); }));
}

TEST_CASE("Each reason why a model can't be loaded is its own error", "[real][llamacpp]") {
  const World world;
  std::filesystem::copy_file(world.file("alpha"), world.file("cut"));
  std::filesystem::resize_file(world.file("cut"), std::filesystem::file_size(world.file("cut")) / 2);
  world.folder.write("models/text.gguf", "no model at all");
  Runtime runtime = world.open();
  CHECK(runtime.load_model("cut").error().code == ErrorCode::invalid_argument);
  CHECK(runtime.load_model("text").error().code == ErrorCode::unsupported);
  CHECK(runtime.load_model("alpha", {.experts = 4}).error().code == ErrorCode::invalid_argument);
  CHECK(runtime.load_model("alpha", {.cache_type_k = "q8_0"}).error().code == ErrorCode::invalid_argument);
  const World small({{"alpha"}}, world.folder.write("limited", "#!/bin/sh\nulimit -v 3000000\nexec '" +
                                                                   std::string(std::getenv("LLAMA_SERVER")) +
                                                                   "' \"$@\"\n"));
  std::filesystem::permissions(world.folder.path() / "limited", std::filesystem::perms::owner_all);
  Runtime limited = small.open();
  const Result<LoadedModel> too_large =
      limited.load_model("alpha", {.context_length = 8'000'000, .extra = Value::object({{"fit", "off"}})});
  CHECK(too_large.error().code == ErrorCode::insufficient_memory);
  const World other({{"alpha"}}, "/bin/true");
  Runtime wrong = other.open();
  CHECK(wrong.load_model("alpha").error().code == ErrorCode::config_invalid);
  CHECK_THAT(wrong.load_model("alpha").error().message, ContainsSubstring("'/bin/true' is no llama-server"));
}

TEST_CASE("Two hundred loads leave no process, no descriptor, no thread and no file", "[real][llamacpp]") {
  const World world({{"alpha"}});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("alpha"));
  REQUIRE(runtime.unload_model("alpha"));
  const Resources before;
  for (int i = 0; i < 200; ++i) {
    REQUIRE(runtime.load_model("alpha", {.extra = Value::object({{"no-warmup", true}})}));
    REQUIRE(runtime.unload_model("alpha"));
  }
  CHECK(servers_of(world).empty());
  CHECK(Resources::settled(before) == before);
}
