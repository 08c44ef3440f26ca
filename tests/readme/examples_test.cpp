// SPDX-License-Identifier: MIT
// The programs in examples/, built as a stranger would: against the installed package.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "readme/installation.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
  return found;
}

// A folder with all of them, built once.
const TempDir& built_examples() {
  static const TempDir folder;
  static const bool built = [] {
    check(run(installed({"cmake", "-S", TACHIKOMA_SOURCE_DIR "/examples", "-B", "build"}, folder)));
    check(run(installed({"cmake", "--build", "build"}, folder)));
    return true;
  }();
  REQUIRE(built);
  return folder;
}

/// What the examples are run against.
class World {
 public:
  /// `provider` is the text of a provider's configuration.
  explicit World(const std::string& provider)
      : config_(built_examples().write("tachikoma.yaml", "providers:\n  local: " + provider + "\n")) {}

  const std::string& config() const { return config_; }
  Finished run(std::vector<std::string> words, std::string input = {}) const {
    words.front() = "build/" + words.front();
    Command command = installed(std::move(words), built_examples());
    command.input = std::move(input);
    return tachikoma::testing::run(command);
  }
  /// What it prints when it succeeds.
  std::string printed(std::vector<std::string> words, std::string input = {}) const {
    const Finished finished = run(std::move(words), std::move(input));
    check(finished);
    return finished.out;
  }

 private:
  const std::string config_;
};

/// A world with a simulator.
class Simulated : public World {
 public:
  explicit Simulated(const std::string& script = {}) : Simulated(std::make_unique<Simulator>(script)) {}
  const Simulator& simulator() const { return *simulator_; }

 private:
  explicit Simulated(std::unique_ptr<Simulator> simulator)
      : World("{plugin: lmstudio, base_url: \"" + simulator->base_url() + "\"}"),
        simulator_(std::move(simulator)) {}
  const std::unique_ptr<Simulator> simulator_;
};

}  // namespace

TEST_CASE("the examples build against the install, and switch between models of two providers", "[readme]") {
  const TempDir& folder = built_examples();
  const Simulator first, second;
  const std::string log = (folder.path() / "events.jsonl").string();
  const std::string config = folder.write(
      "tachikoma.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" + first.base_url() +
                            "\"}\n  other: {plugin: openai, base_url: \"" + second.base_url() +
                            "/v1\"}\nmonitors:\n  log: {plugin: echo, settings: {file: \"" + log + "\"}}\n");
  check(run(installed({"build/switch_models", config, "lmstudio::openai/gpt-oss-20b", "other::mistral-7b",
                       "lmstudio::mistral-7b"},
                      folder)));
  const std::string events = read_file(log);
  CHECK(count(events, "\"finished\"") == 3);
  CHECK(count(events, "\"other\"") == 3);  // started, first token, finished
}

TEST_CASE("the example of a batch answers each line, in their order", "[readme]") {
  const Simulated world(
      "replies:\n  - {when: {contains: one}, text: first}\n  - {when: {contains: two}, text: second}\n");
  CHECK(world.printed({"batch", world.config(), "mistral-7b"}, "one\ntwo\n") == "first\nsecond\n");
}

TEST_CASE("the example of monitoring tells what each answer has used, and all of them", "[readme]") {
  const Simulated world("replies:\n  - {chunks: [one, \" two\", \" three\"]}\n");
  const Finished answered =
      world.run({"monitoring", world.config(), "mistral-7b"}, "Hi there\nHow are you?\n");
  check(answered);
  CHECK(answered.out == "one two three\none two three\n");
  CHECK(count(answered.err, "mistral-7b: finished after ") == 2);
  CHECK(count(answered.err, "6 prompt tokens, 3 completion tokens") == 1);
  CHECK(count(answered.err, "all: 2 requests, ") == 1);
  CHECK(count(answered.err, "\nlocal::mistral-7b: 2 requests, ") == 1);
}

TEST_CASE("the example of a chat goes on where it ended", "[readme]") {
  const Simulated world;
  const auto chat = [&](std::string input) {
    return world.run({"chat", world.config(), "mistral-7b", "talk.jsonl"}, std::move(input));
  };
  const auto messages_sent = [&] {
    std::size_t last = 0;
    const tachikoma::Value state = world.simulator().state();
    for (const tachikoma::Value& request : state["requests"].elements())
      if (request["path"].as_string().ends_with("/chat/completions"))
        last = request["body"]["messages"].elements().size();
    return last;
  };
  check(chat("What is a plugin?\nWhat is a provider?\n"));
  CHECK(messages_sent() == 4);
  check(chat("And what is a monitor?\n"));
  CHECK(messages_sent() == 6);
  check(chat("/reset\nHello\n"));
  CHECK(messages_sent() == 2);
}

TEST_CASE("the example of a chat with two models asks both, and remembers one", "[readme]") {
  const Simulated world;
  const std::string chat =
      world.printed({"multi_model_chat", world.config(), "mistral-7b", "gpt-oss-120b"},
                    "What's 2+2?\nExplain quantum entanglement in a few words, please\n");
  CHECK(count(chat, "mistral-7b: ") == 2);
  CHECK(count(chat, "openai/gpt-oss-120b: ") == 2);
  CHECK(chat.find("mistral-7b: ") == 0);
  CHECK(count(chat, "\n4 messages\n") == 1);
}

TEST_CASE("the example of a code assistant writes code without its fence, and explains code", "[readme]") {
  const Simulated world(
      "replies:\n  - {when: {contains: sort}, text: \"```cpp\\nstd::sort(begin, end);\\n```\\nThat was "
      "it.\"}\n"
      "  - {when: {contains: 'int main'}, text: It does nothing.}\n");
  CHECK(world.printed({"code_assistant", world.config(), "mistral-7b", "write", "C++"}, "sort an array") ==
        "std::sort(begin, end);\n");
  CHECK(world.printed({"code_assistant", world.config(), "mistral-7b", "explain"}, "int main() {}") ==
        "It does nothing.\n");
  const tachikoma::Value sent = world.simulator().state()["requests"];
  CHECK(to_json(sent).find("You are an expert C++ developer") != std::string::npos);
}

TEST_CASE("the example of a document's analysis prints an object of a C++ type, and the reasoning",
          "[readme]") {
  const Simulated world(
      "replies:\n  - {when: {contains: good}, json: fenced, reasoning: {text: It praises., dialect: "
      "reasoning_content}}\n");
  const std::string printed =
      world.printed({"document_analyzer", world.config(), "mistral-7b"}, "This is a good year.");
  CHECK(printed.starts_with("Reasoning: It praises.\n\nSummary: "));
  for (const char* title : {"\nKey points:\n- ", "\nSentiment: ", "\nRecommendations:\n- "})
    CHECK(count(printed, title) == 1);
}

TEST_CASE("the example of function calling runs the calls, and answers by their results", "[readme]") {
  const Simulated world;
  const std::string printed = world.printed(
      {"function_calling", world.config(), "openai/gpt-oss-20b", "What's the weather in Tokyo?"});
  CHECK(printed.starts_with("(get_current_weather {\"location\":\"Tokyo\"})\n"));
  CHECK(count(printed, "Sunny, 22°C in Tokyo") == 1);
}

TEST_CASE("the example of a server elsewhere sends its header, and lists the models", "[readme]") {
  const Simulated world("models: [{key: mistral-7b}, {key: phi-3-mini}]\n");
  CHECK(world.printed({"custom_endpoint", world.simulator().base_url(), "secret"}) ==
        "LM Studio at " + world.simulator().base_url() + "\nmistral-7b\nphi-3-mini\n");
  CHECK(to_json(world.simulator().state()).find("\"X-Custom-Auth\":\"secret\"") != std::string::npos);
}

TEST_CASE("the example of error handling says what to do about each failure", "[readme]") {
  const Simulated world(
      "memory: 8GB\nmodels: [{key: small, size: 2GB}, {key: huge, size: 40GB}]\n"
      "replies: [{text: Hello.}]\n");
  CHECK(world.printed({"error_handling", world.config(), "small"}) == "loaded as small\nHello.\n");
  const auto said = [&](const std::string& model) {
    const Finished finished = world.run({"error_handling", world.config(), model});
    CHECK(finished.exit_code == 1);
    return finished.out;
  };
  CHECK(said("huge").starts_with("not enough memory: it needs "));
  CHECK(said("smal").starts_with("there is no model 'smal'; similar names: "));
}

TEST_CASE("the example of a stream shows reasoning and answer apart", "[readme]") {
  const Simulated world(
      "replies:\n  - {when: {contains: quantum}, text: Small things., reasoning: {text: Let me think., "
      "dialect: reasoning_content}}\n");
  const std::string printed =
      world.printed({"streaming", world.config(), "openai/gpt-oss-20b", "Explain quantum computing"});
  CHECK(printed.starts_with("\n[thinking] Let me think.\n[final] Small things.\n\nTokens: "));
}

TEST_CASE("the example of a test records an answer, and then needs no server", "[readme]") {
  const std::string recorded = [] {
    const Simulated world("replies: [{when: {contains: Ada}, text: 'Good day, Ada'}]\n");
    return world.printed({"recorded_test", world.config(), "mistral-7b", "ada.jsonl", "--record"});
  }();
  CHECK(recorded == "passed: Good day, Ada\n");
  const World world("{plugin: lmstudio, base_url: \"http://127.0.0.1:1\"}");
  CHECK(world.printed({"recorded_test", world.config(), "mistral-7b", "ada.jsonl"}) == recorded);
}

TEST_CASE("the example of model management loads a model, shows what it takes, and unloads it", "[readme]") {
  const Simulated world("models: [{key: mistral-7b, size: 4GB, quantization: Q8_0}]\n");
  const std::string printed = world.printed({"model_management", world.config(), "mistral-7b"});
  CHECK(printed.starts_with("local::mistral-7b Q8_0\nneeds "));
  CHECK(count(printed, "mistral-7b is loaded\ncontext: 8192 tokens\n") == 1);
  CHECK(world.simulator().state()["instances"].elements().empty());
}

TEST_CASE("the example that finds a server says what is wrong with it, and which model suits", "[readme]") {
  const auto finds = [](const std::string& ports) {
    Command command = installed({"build/find_server"}, built_examples());
    command.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", ports);
    return run(command);
  };
  const Simulator simulator({}, {"--speed", "60"});
  const Finished found = finds(std::to_string(simulator.port()));
  check(found);
  CHECK(found.out.starts_with("LM Studio is at " + simulator.base_url() + "\n- "));
  CHECK(count(found.out, "tokens per second") == 1);
  CHECK(count(found.out, "\nfor code: ") == 1);
  CHECK(finds("1").out == "LM Studio is not running; start its server, and try again\n");
}

TEST_CASE("the example of embeddings finds the line that is nearest to the question", "[readme]") {
  const Simulated world;
  CHECK(world.printed(
            {"similar_texts", world.config(), "text-embedding-nomic-embed-text-v1.5", "weather in Tokyo"},
            "a recipe for bread\nthe weather in Tokyo today\nnews\n") == "the weather in Tokyo today\n");
}

TEST_CASE("the example of an image sends it", "[readme]") {
  const Simulated world;
  built_examples().write("image.png", std::string("\x89PNG\r\n\x1a\n") + "and pixels");
  const std::string printed = world.printed({"describe_image", world.config(), "gemma-3-12b", "image.png"});
  CHECK(count(printed, "image/png") == 1);
}

TEST_CASE("the examples run on a real llama.cpp server, by their configuration alone", "[readme]") {
  const Finished setup = run({.argv = {TACHIKOMA_SOURCE_DIR "/tests/real/setup-llama-server"}});
  if (setup.exit_code == 77) {
    WARN("not run: there is no real llama-server here: " << setup.err);
    return;
  }
  check(setup);
  ::setenv("LLAMA_SERVER", setup.out.substr(0, setup.out.find('\n')).c_str(), 1);
  ::setenv("LLAMA_ARG_THREADS", "1", 1);  // tiny models gain nothing by more
  const LaunchedWorld launched({{"alpha", {"--letters"}},
                                {"beta", {"--letters", "--seed", "2"}},
                                {"caller", {"--calls-tools", "--seed", "2"}},
                                {"vectors", {"--embedding"}}});
  const World world("{plugin: llamacpp, server: '" + launched.server + "', models_dir: '" +
                    (launched.folder.path() / "models").string() + "', timeouts: {load: 60s}}\n" +
                    "defaults: {inference: {max_tokens: 24, seed: 1}}");
  const std::string& config = world.config();
  CHECK(count(world.printed({"batch", config, "alpha"}, "one\ntwo\n"), "\n") >= 2);
  CHECK(count(world.printed({"chat", config, "alpha", "real.jsonl"}, "Hello\nAgain\n"), "> ") == 3);
  CHECK(count(world.printed({"multi_model_chat", config, "alpha", "beta"}, "Hello\n"), "\n2 messages\n") ==
        1);
  CHECK(count(world.printed({"switch_models", config, "alpha", "beta"}), " tokens)") == 2);
  CHECK(world.printed({"code_assistant", config, "alpha", "write", "C++"}, "sort").size() > 5);
  CHECK(world.printed({"code_assistant", config, "alpha", "explain"}, "int i;").size() > 5);
  // calls of a model of noise are mostly none that llama.cpp can read
  const Finished called = world.run({"function_calling", config, "caller", "What is there?"});
  CHECK((called.out.starts_with("(") || called.err.starts_with("llama.cpp at ")));
  CHECK(count(world.run({"monitoring", config, "alpha"}, "Hello\n").err, "all: 1 request, ") == 1);
  CHECK(count(world.printed({"streaming", config, "alpha", "Hello"}), "Tokens: ") == 1);
  CHECK(world.printed({"error_handling", config, "alpha"}).starts_with("loaded as alpha\n"));
  CHECK(count(world.printed({"model_management", config, "alpha"}),
              "alpha is loaded\ncontext: 8192 tokens") == 1);
  CHECK(world.printed({"similar_texts", config, "vectors", "one"}, "two\none\nthree\n") == "one\n");
  // a model of noise ends a text only when it must
  const Finished analysis = world.run({"document_analyzer", config, "alpha"}, "All is well.");
  CHECK((analysis.exit_code == 0 || analysis.err.find("max_tokens") != std::string::npos));
  CHECK(world.run({"describe_image", config, "alpha", "image.png"}).exit_code == 1);
}
