// SPDX-License-Identifier: MIT
// A runtime that takes over a changed file while it is used.
#include <algorithm>
#include <atomic>
#include <future>
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

using Lines = std::vector<std::string>;

constexpr char kWorld[] = R"(
models: [{key: a, size: 4GB}, {key: b, size: 4GB}, {key: c, size: 4GB}]
replies: [{when: {model: a}, text: one two three}]
)";

/// A file and a runtime made from it.
class Program {
 public:
  explicit Program(std::string config) : file_(folder_.write("tachikoma.yaml", std::move(config))) {}

  Result<Reload> write_and_reload(const std::string& config) {
    write(config);
    return runtime.reload();
  }
  void write(const std::string& config) { folder_.write("tachikoma.yaml", config); }
  Result<Reply> ask(const std::string& model = {}) {
    return runtime.generate_text({.model = model, .messages = {user("Hi")}});
  }
  auto ask_beside(const std::string& model) {
    return std::async(std::launch::async, [this, model] { return ask(model); });
  }
  const TempDir& folder() const { return folder_; }

 private:
  const TempDir folder_;
  const std::string file_;

 public:
  Runtime runtime = Runtime::open({.file = file_, .log = [](auto&&...) {}}).value();
};

std::string provider(const Simulator& simulator, const std::string& more = {}) {
  return "providers: {lmstudio: {base_url: '" + simulator.base_url() + "'" + more + "}}\n";
}

Lines in_memory(const Value& state) {
  Lines keys;
  for (const Value& each : state["instances"].elements()) keys.emplace_back(each["id"].as_string());
  return keys;
}

auto holds(Lines keys) {
  return [keys = std::move(keys)](const Value& state) { return in_memory(state) == keys; };
}

auto has_made(std::int64_t tokens) {
  return [tokens](const Value& state) { return state["counters"]["tokens"].as_integer() == tokens; };
}

bool loads(const Value& request) {
  const std::string_view path = request["path"].as_string();
  return path.ends_with("/loadModel") || path.ends_with("/getOrLoad") || path.ends_with("/models/load");
}

std::ptrdiff_t loads_of(const Simulator& simulator) {
  const Value state = simulator.state();
  return std::ranges::count_if(state["requests"].elements(), loads);
}

}  // namespace

TEST_CASE("what a changed file says holds for the next request, and the rest is not touched", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator) + "models: {x: {provider: lmstudio, key: a}}\ndefaults: {model: x}\n");
  CHECK(program.ask().value().model == "a");
  const Reload reload = program
                            .write_and_reload(provider(simulator) +
                                              "models: {x: {provider: lmstudio, key: a}, y: {provider: "
                                              "lmstudio, key: b, max_tokens: 1}}\n"
                                              "defaults: {model: y}\n")
                            .value();
  CHECK(describe(reload) == Lines{"models.y is new", "defaults.model: \"x\" -> \"y\""});
  const Reply reply = program.ask().value();
  CHECK(reply.model == "b");
  CHECK(reply.finish == Finish::length);
  CHECK(program.runtime.config().default_model == "y");
  CHECK(program.runtime.models().aliases() == Lines{"x", "y"});
  CHECK(program.ask("x").value().model == "a");
  CHECK(loads_of(simulator) == 2);
}

TEST_CASE("a file that has not changed changes nothing", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator));
  const Reload reload = program.runtime.reload().value();
  CHECK(reload.changes.empty());
  CHECK(describe(reload) == Lines{"nothing has changed"});
}

TEST_CASE("what a reload would do can be asked for before", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator) + "models: {x: {provider: lmstudio, key: a, context_length: 4096}}\n");
  REQUIRE(program.ask("x"));
  program.write(provider(simulator) +
                "models: {x: {provider: lmstudio, key: a, context_length: 8192}}\ndefaults: {model: x}\n");
  const Lines planned = describe(program.runtime.plan_reload().value());
  CHECK(planned == Lines{"models.x.load.context_length: 4096 -> 8192", "defaults is new",
                         "lmstudio::a is unloaded when no request uses it: its load settings have changed"});
  CHECK(program.runtime.config().default_model.empty());
  CHECK(in_memory(simulator.state()) == Lines{"a"});
  CHECK(describe(program.runtime.reload().value()) == planned);
}

TEST_CASE("a model whose load settings change is loaded anew, once its answer has ended", "[reload]") {
  const Simulator simulator(std::string(kWorld) + "hold: {answers: [a]}\n");
  const auto with_context = [&](const char* tokens) {
    return provider(simulator) + "models: {x: {provider: lmstudio, key: a, context_length: " + tokens +
           "}}\n";
  };
  Program program(with_context("4096"));
  auto answer = program.ask_beside("x");
  simulator.wait_for(has_made(1));
  REQUIRE(program.write_and_reload(with_context("8192")));
  CHECK(in_memory(simulator.state()) == Lines{"a"});
  simulator.play("hold: {}");
  CHECK(answer.get().value().text == "one two three");
  simulator.wait_for(holds({}));
  REQUIRE(program.ask("x"));
  CHECK(program.runtime.model_status("x").value().context_length.value == 8192);
  CHECK(loads_of(simulator) == 2);
}

TEST_CASE("another time to live unloads nothing", "[reload]") {
  const Simulator simulator(kWorld);
  const auto with_ttl = [&](const char* ttl) {
    return provider(simulator) + "models: {x: {provider: lmstudio, key: a, ttl: " + ttl + "}}\n";
  };
  Program program(with_ttl("1h"));
  REQUIRE(program.ask("x"));
  CHECK(program.write_and_reload(with_ttl("2h")).value().unloads.empty());
  REQUIRE(program.ask("x"));
  CHECK(loads_of(simulator) == 1);
}

TEST_CASE("the answers of a provider that is gone end, and then its models leave", "[reload]") {
  const Simulator simulator(std::string(kWorld) + "hold: {answers: [a]}\n"), other(kWorld);
  Program program(provider(simulator));
  const ProviderHandle handle = program.runtime.provider("lmstudio").value();
  auto answer = program.ask_beside("lmstudio::a");
  simulator.wait_for(has_made(1));
  SECTION("it is configured differently") {
    const Reload reload = program.write_and_reload(provider(other)).value();
    REQUIRE(reload.unloads.size() == 1);
    CHECK(reload.unloads.front().reason == "its provider is gone, or configured differently");
    CHECK(program.ask("lmstudio::b").value().model == "b");
    CHECK(in_memory(other.state()) == Lines{"b"});
  }
  SECTION("it is gone") {
    REQUIRE(program.write_and_reload("providers: {echo: {}}\n"));
    CHECK(handle.list_models().error().code == ErrorCode::config_invalid);
    CHECK(program.ask("echo::echo-small"));
  }
  CHECK(in_memory(simulator.state()) == Lines{"a"});
  simulator.play("hold: {}");
  CHECK(answer.get().value().text == "one two three");
  simulator.wait_for(holds({}));
}

TEST_CASE("a stream and an asynchronous generation go on when their provider is gone", "[reload]") {
  const Simulator simulator(std::string(kWorld) + "hold: {answers: [a]}\n");
  Program program(provider(simulator));
  TextStream stream = program.runtime.stream_text({.model = "lmstudio::a", .messages = {user("Hi")}}).value();
  auto started = program.runtime.generate_text_future({.model = "lmstudio::a", .messages = {user("Hi")}});
  simulator.wait_for(has_made(2));
  REQUIRE(program.write_and_reload("providers: {echo: {}}\n"));
  simulator.play("hold: {}");
  std::string text;
  for (const Delta& delta : stream) text += delta.text();
  CHECK(text == "one two three");
  CHECK(started.get().value().text == "one two three");
}

TEST_CASE("a file with a mistake changes nothing", "[reload]") {
  const Simulator simulator(kWorld);
  const std::string good = provider(simulator) + "models: {x: {provider: lmstudio, key: a}}\n";
  Program program(good);
  const std::vector<std::string> folders = program.runtime.plugins().search_path();
  const auto refused = [&](const std::string& config) {
    const Result<Reload> reload = program.write_and_reload(config);
    REQUIRE_FALSE(reload);
    CHECK(program.runtime.plugins().search_path() == folders);
    CHECK(program.runtime.models().aliases() == Lines{"x"});
    CHECK(program.ask("x").value().model == "a");
    return reload.error();
  };
  SECTION("a key that does not exist") {
    const Error error = refused(good + "memry: {}\nplugins: {paths: [here]}\n");
    CHECK(error.code == ErrorCode::config_invalid);
    CHECK_THAT(error.message, ContainsSubstring("'memry'") && ContainsSubstring("did you mean 'memory'"));
  }
  SECTION("a plugin that may not be used") {
    CHECK(refused(good + "plugins: {paths: [here], allow: [openai]}\n").code == ErrorCode::plugin_refused);
  }
  SECTION("a component that can't be made, after others were") {
    const std::string log = (program.folder().path() / "log.jsonl").string();
    const Error error =
        refused(provider(simulator, ", api_key: other") + "monitors: {log: {plugin: echo, file: '" + log +
                "'}, worse: {plugin: echo, file: /nowhere/at/all}}\n");
    CHECK_THAT(error.message, ContainsSubstring("/nowhere/at/all"));
  }
  CHECK(loads_of(simulator) == 1);
}

TEST_CASE("a secret that changes is not shown", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator, ", api_key: first-secret"));
  const Reload reload = program.write_and_reload(provider(simulator, ", api_key: second-secret")).value();
  CHECK(describe(reload) == Lines{"providers.lmstudio.api_key has changed"});
  CHECK_THAT(to_json(to_value(reload)), !ContainsSubstring("-secret"));
}

TEST_CASE("a monitor that stays the same goes on, and one that is gone has had all", "[reload]") {
  const Simulator simulator(kWorld);
  const TempDir folder;
  const auto monitor = [&](const char* id) {
    return "  " + std::string(id) + ": {plugin: echo, file: '" + (folder.path() / id).string() + "'}\n";
  };
  const auto kinds_in = [&](const char* id) {
    const std::string text = read_file(folder.path() / id);
    return std::count(text.begin(), text.end(), '\n');
  };
  {
    Program program(provider(simulator) + "monitors:\n" + monitor("stays") + monitor("goes"));
    REQUIRE(program.ask("lmstudio::a"));
    REQUIRE(
        program.write_and_reload(provider(simulator) + "monitors:\n" + monitor("stays") + monitor("comes")));
    REQUIRE(program.ask("lmstudio::a"));
  }
  CHECK(kinds_in("stays") == 6);
  CHECK(kinds_in("goes") == 3);
  CHECK(kinds_in("comes") == 3);
}

TEST_CASE("a new limit on models in memory holds at once", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator) + "models: {a: {provider: lmstudio}, b: {provider: lmstudio}}\n");
  REQUIRE(program.ask("a"));
  REQUIRE(program.ask("b"));
  REQUIRE(program.write_and_reload(provider(simulator) +
                                   "models: {a: {provider: lmstudio, pin: true}, b: {provider: lmstudio}}\n"
                                   "memory: {max_instances: 1}\n"));
  simulator.wait_for(holds({"a"}));
}

TEST_CASE("what a new file preloads is loaded", "[reload]") {
  const Simulator simulator(kWorld);
  Program program(provider(simulator));
  REQUIRE(program.write_and_reload(provider(simulator) +
                                   "models: {x: {provider: lmstudio, key: c, preload: true}}\n"));
  simulator.wait_for(holds({"c"}));
}

TEST_CASE("the selected model stays selected unless it was an alias that is gone", "[reload]") {
  const Simulator simulator(kWorld);
  const std::string x = "  x: {provider: lmstudio, key: a}\n", y = "  y: {provider: lmstudio, key: b}\n";
  const std::string end = "defaults: {model: x}\n";
  Program program(provider(simulator) + "models:\n" + x + y + end);
  REQUIRE(program.runtime.models().use("y"));
  REQUIRE(program.write_and_reload(provider(simulator) + "models:\n" + x + y + end + "verbose: true\n"));
  CHECK(program.runtime.models().selected() == "y");
  REQUIRE(program.write_and_reload(provider(simulator) + "models:\n" + x + end));
  CHECK(program.runtime.models().selected() == "x");
}

TEST_CASE("a runtime without a file can't be reloaded", "[reload]") {
  const Simulator simulator(kWorld);
  Runtime runtime = Runtime::with({.base_url = simulator.base_url()}).value();
  const Error error = runtime.reload().error();
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK_THAT(error.message, ContainsSubstring("not made from a file"));
}

TEST_CASE("no request fails while the file changes again and again", "[reload][threads]") {
  const Simulator simulator(kWorld);
  const auto config = [&](int turn) {
    return provider(simulator, turn % 3 == 0 ? ", timeouts: {connect: 9s}" : "") +
           "models: {x: {provider: lmstudio, key: " + (turn % 2 ? "a" : "b") +
           "}}\nmemory: {max_instances: 2}\n" + (turn % 5 == 0 ? "policy: {limits: {concurrency: 8}}\n" : "");
  };
  Program program(config(0));
  std::atomic<bool> ends = false;
  std::vector<std::future<int>> callers;
  for (int i = 0; i < 8; ++i)
    callers.push_back(std::async(std::launch::async, [&] {
      int failed = 0;
      while (!ends) {
        if (!program.ask("x")) ++failed;
        if (!program.runtime.generate_text_future({.model = "x", .messages = {user("Hi")}}).get()) ++failed;
      }
      return failed;
    }));
  for (int turn = 1; turn <= 40; ++turn) CHECK(program.write_and_reload(config(turn)));
  ends = true;
  for (auto& each : callers) CHECK(each.get() == 0);
}
