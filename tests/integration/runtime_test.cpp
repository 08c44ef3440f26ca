// SPDX-License-Identifier: MIT
// A runtime as an application uses it: real plugins, the simulator as the server.
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kModel[] = "mistral-7b";

Runtime open(const Simulator& simulator, std::string model = kModel) {
  return Runtime::with({.base_url = simulator.base_url(), .model = std::move(model)}).value();
}

// A simulator that never ends an answer by itself.
Simulator endless() {
  return Simulator("replies:\n  - when: {contains: forever}\n    text: \"" +
                       [] {
                         std::string words;
                         for (int i = 0; i < 20000; ++i) words += "word ";
                         return words;
                       }() +
                       "\"\n",
                   {"--speed", "200"});
}

TextRequest forever(std::stop_token stop = {}) {
  return {.messages = {user("forever")}, .stop = std::move(stop)};
}

bool saw_a_disconnect(const Value& state) { return !state["disconnects"].elements().empty(); }

}  // namespace

TEST_CASE("each way to end a generation early ends it on the server", "[runtime]") {
  const Simulator simulator = endless();
  Runtime runtime = open(simulator);
  SECTION("a stop token") {
    std::stop_source source;
    const Result<Reply> reply = runtime.stream_text(forever(source.get_token()), [&](const Delta& delta) {
      if (!delta.text().empty()) source.request_stop();
      return Flow::proceed;
    });
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::cancelled);
  }
  SECTION("a callback") {
    const Result<Reply> reply = runtime.stream_text(
        forever(), [](const Delta& delta) { return delta.text().empty() ? Flow::proceed : Flow::stop; });
    CHECK(reply.value().finish == Finish::cancelled);
  }
  SECTION("leaving the range") {
    for (const Delta& delta : runtime.stream_text(forever()).value())
      if (!delta.text().empty()) break;
  }
  SECTION("a whole reply, stopped from another thread") {
    std::stop_source source;
    auto running =
        std::async(std::launch::async, [&] { return runtime.generate_text(forever(source.get_token())); });
    simulator.wait_for([](const Value& state) { return state["open_streams"].as_integer() == 1; });
    source.request_stop();
    CHECK(running.get().error().code == ErrorCode::cancelled);
  }
  CHECK(saw_a_disconnect(simulator.wait_for(saw_a_disconnect)));
  CHECK(runtime.generate_text({.messages = {user("Hello")}}).value().finish == Finish::stop);
}

TEST_CASE("a stream goes on after its runtime is gone", "[runtime]") {
  const Simulator simulator;
  std::optional<Runtime> runtime = open(simulator);
  const std::string whole = runtime->generate_text({.messages = {user("Hello")}}).value().text;
  TextStream stream = runtime->stream_text({.messages = {user("Hello")}}).value();
  runtime.reset();
  std::string text;
  for (const Delta& delta : stream) text += delta.text();
  CHECK(text == whole);
}

TEST_CASE("two runtimes live side by side, and many threads share one", "[runtime]") {
  const Simulator simulator;
  Runtime one = open(simulator), two = open(simulator, "openai/gpt-oss-20b");
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 16; ++i)
    answers.push_back(std::async(std::launch::async, [&one, &two, i] {
      return (i % 2 ? one : two).generate_text({.messages = {user("Hello")}}).value().model;
    }));
  for (std::size_t i = 0; i < answers.size(); ++i)
    CHECK(answers[i].get() == (i % 2 ? kModel : "openai/gpt-oss-20b"));
}

TEST_CASE("the selected model is what an unnamed request uses, from the next request on", "[runtime]") {
  const Simulator simulator;
  Runtime runtime = open(simulator);
  CHECK(runtime.generate_text({.messages = {user("Hello")}}).value().model == kModel);
  CHECK(runtime.models().use("gpt-oss-20b").value().name == "openai/gpt-oss-20b");
  CHECK(runtime.generate_text({.messages = {user("Hello")}}).value().model == "openai/gpt-oss-20b");
  CHECK(runtime.models().use("no-such-model").error().code == ErrorCode::model_not_found);
  CHECK(runtime.generate_text({.messages = {user("Hello")}}).value().model == "openai/gpt-oss-20b");
}

TEST_CASE("a monitor of the config writes every generation, and one that can't write is no hindrance",
          "[runtime][monitor]") {
  const Simulator simulator;
  const TempDir folder;
  const std::string config =
      folder.write("tachikoma.yaml", "providers: {lmstudio: {base_url: \"" + simulator.base_url() +
                                         "\"}}\n"
                                         "monitors:\n"
                                         "  log: {plugin: echo, file: " +
                                         (folder.path() / "log.jsonl").string() +
                                         "}\n"
                                         "  full: {plugin: echo, file: /dev/full}\n");
  {
    Runtime runtime = Runtime::open(config, [](auto&&...) {}).value();
    CHECK(runtime.generate_text({.model = kModel, .messages = {user("Hello")}}));
    CHECK(
        !runtime.generate_text({.model = kModel, .messages = {user("Hello")}, .settings = {.mirostat = 1}}));
  }
  std::vector<std::string> events;
  const std::string log = read_file(folder.path() / "log.jsonl");
  for (std::size_t at = 0, end; (end = log.find('\n', at)) != std::string::npos; at = end + 1)
    events.emplace_back(parse_json(std::string_view(log).substr(at, end - at)).value()["kind"].as_string());
  CHECK(events == std::vector<std::string>{"started", "first_token", "finished", "started", "failed"});
}

TEST_CASE("a runtime is opened with plugins of further folders, which come after those of its file",
          "[runtime]") {
  const TempDir folder;
  const std::string echo = TACHIKOMA_BINARY_DIR "/plugins/echo.so";
  for (const char* name : {"file", "program"}) {
    std::filesystem::create_directory(folder.path() / name);
    std::filesystem::copy_file(echo, folder.path() / name / "echo.so");
  }
  const std::string given = (folder.path() / "program").string();
  const auto used = [&](const std::string& config) {
    Runtime runtime =
        Runtime::open({.file = folder.write("tachikoma.yaml", config), .plugin_paths = {given}}).value();
    return runtime.plugins().find("echo").value().file;
  };
  CHECK(used("providers: {echo: {}}\n") == given + "/echo.so");
  CHECK(used("plugins: {paths: [file]}\nproviders: {echo: {}}\n") ==
        (folder.path() / "file" / "echo.so").string());
}

TEST_CASE("settings of a program are checked, used and shown as a file's are", "[runtime]") {
  const auto with = [](GenerationSettings inference) {
    return Runtime::with(
        {.plugin = "echo", .base_url = "", .inference = std::move(inference), .model = "echo::echo-small"});
  };
  Runtime runtime = with({.max_tokens = 2, .stop_sequences = {"stop"}}).value();
  CHECK(runtime.generate_text({.messages = {user("one two three")}}).value().finish == Finish::length);
  const Value shown = redacted(runtime.config())["defaults"]["inference"];
  CHECK(to_json(shown) == R"({"max_tokens":2,"stop":["stop"]})");
  const Result<Runtime> refused = with({.temperature = 3});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, StartsWith("settings: defaults.inference.temperature: ") &&
                                          ContainsSubstring("expected 0 to 2"));
}

TEST_CASE("memory settings of a program are checked and used as a file's are", "[runtime]") {
  const auto with = [](MemoryConfig memory) {
    return Runtime::with({.plugin = "echo", .base_url = "", .memory = memory, .model = "echo::echo-small"});
  };
  const Runtime runtime = with({.ram = 48'000'000'000,
                                .vram = 0,
                                .headroom = 0.1,
                                .max_instances = 2,
                                .patience = std::chrono::milliseconds(1500)})
                              .value();
  const MemoryConfig& memory = runtime.config().memory;
  CHECK(memory.ram == 48'000'000'000);
  CHECK(memory.vram == 0);
  CHECK(memory.headroom == 0.1);
  CHECK(memory.max_instances == 2);
  CHECK(memory.patience == std::chrono::milliseconds(1500));
  CHECK_FALSE(with({}).value().config().memory.ram);

  const auto why = [&](MemoryConfig wrong) { return with(wrong).error().message; };
  CHECK(why({.headroom = 1.5}) ==
        "settings: memory.headroom: '1.5' is out of range: expected at least 0 and less than 1");
  CHECK(why({.ram = -1}) ==
        "settings: memory.ram: expected a size such as 512MiB, 16GB or a number of bytes, found '-1'");
  CHECK(why({.max_instances = 0}) ==
        "settings: memory.max_instances: '0' is out of range: expected at least 1");
  CHECK_THAT(why({.patience = std::chrono::milliseconds(-1)}), StartsWith("settings: memory.patience: "));
}

TEST_CASE("a tool of the config can be called by its id", "[runtime]") {
  const TempDir folder;
  const std::string config =
      folder.write("tachikoma.yaml", "providers: {echo: {}}\ntools: {parrot: {plugin: echo}}\n");
  const Runtime runtime = Runtime::open(config).value();
  CHECK(runtime.tool("parrot").value()->spec().name == "echo");
  CHECK(runtime.tool("parot").error().hint == "did you mean 'parrot'?");
}
