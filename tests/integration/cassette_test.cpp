// SPDX-License-Identifier: MIT
// An application's run against the simulator, and again against its recording.
#include <csignal>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Answer {
  std::string word;
};
TACHIKOMA_FIELDS(Answer, word);

constexpr const char* kScript =
    "replies:\n"
    "  - {when: {contains: weather, tool_results: 0}, text: Let me see, tool_calls: [{name: weather, "
    "arguments: "
    "{city: Tokyo}, id: c1}]}\n"
    "  - {when: {contains: weather}, text: It is sunny}\n"
    "  - {when: {contains: ponder}, reasoning: it is so, text: indeed}\n"
    "  - {when: {contains: secret}, chunks: [your key is sk-planted, -0123456789]}\n"
    "faults:\n"
    "  - {when: {contains: too much}, kind: status, status: 400, body: 'no, sk-planted-0123456789'}\n"
    "  - {when: {contains: broken}, kind: close, after_tokens: 3}\n";

std::string config(const std::string& base_url, const std::string& cassette) {
  return "providers:\n  lmstudio:\n    base_url: " + base_url +
         "\n    api_key: ${TACHIKOMA_TEST_KEY:-sk-planted-0123456789}\n    headers: {X-Team: "
         "planted-header}\n" +
         "    " + cassette + "\npolicy: {retry: {attempts: 1}}\n";
}

/// What an application saw.
class Seen {
 public:
  Flow delta(const Delta& of) {
    text += std::to_string(static_cast<int>(of.kind)) + to_text(of) + "|";
    return Flow::proceed;
  }
  void reply(const Result<Reply>& of) {
    if (!of) {
      text += std::string(to_string(of.error().code)) + ": " + of.error().message + "\n";
      return;
    }
    Value value = to_value(*of);
    value.erase("metrics");
    text += to_json(value) + "\n";
  }
  std::string text;

 private:
  static std::string to_text(const Delta& of) { return std::string(of.text()); }
};

std::string run_application(Runtime runtime) {
  Seen seen;
  const auto on_delta = [&](const Delta& delta) { return seen.delta(delta); };
  ToolKit kit;
  kit.add("weather", "Weather at a place", {param("city", "City")},
          [](std::string city) { return "sunny in " + city; });
  const std::string model = "openai/gpt-oss-20b";
  const auto ask = [&](const std::string& text) {
    return TextRequest{.model = model, .messages = {user(text)}};
  };
  seen.reply(runtime.stream_text(ask("Hello"), on_delta));
  TextRequest weather = ask("How is the weather?");
  weather.tools = kit;
  seen.reply(runtime.stream_text(weather, on_delta));
  seen.reply(runtime.stream_text(ask("ponder it"), on_delta));
  seen.reply(runtime.generate_text(ask("that is too much")));
  seen.reply(runtime.stream_text(ask("this is broken"), on_delta));
  seen.reply(runtime.generate_text_future(ask("Hello from a future")).get());
  const auto object = runtime.generate_object<Answer>(ask("Say a word"));
  seen.text += object ? object->object.word : object.error().message;
  Conversation conversation(runtime, model, "Be brief");
  seen.reply(conversation.send("Hello there"));
  seen.reply(conversation.send("And again"));
  const auto vectors = runtime.embed({.model = "text-embedding-nomic-embed-text-v1.5", .texts = {"a", "b"}});
  seen.text += vectors ? to_json(to_value(*vectors)) : vectors.error().message;
  const auto tokens = runtime.count_tokens(ask("How many?"));
  seen.text += tokens ? "\n" + std::to_string(tokens->value) + " tokens" : tokens.error().message;
  const auto of_text = runtime.count_tokens(model, "How many?");
  seen.text += of_text ? "\n" + std::to_string(of_text->value) + " tokens" : of_text.error().message;
  for (const ListedModel& each : runtime.models().list().models) seen.text += "\n" + each.address;
  return seen.text;
}

}  // namespace

TEST_CASE("an application sees the same of a recording as of the server", "[integration][cassette]") {
  const TempDir folder;
  std::string live;
  {
    const Simulator simulator(kScript);
    live = run_application(
        Runtime::open(folder.write("tachikoma.yaml", config(simulator.base_url(), "record: c.jsonl")))
            .value());
  }
  INFO(live);
  for (const char* part :
       {"It is sunny", "it is so", "indeed", "invalid_argument", "\"prompt_tokens\":", " tokens"})
    CHECK(live.find(part) != std::string::npos);
  std::vector<std::string> log;
  const std::string file = folder.write("tachikoma.yaml", config("http://127.0.0.1:1", "replay: c.jsonl"));
  const std::string replayed =
      run_application(Runtime::open(file, [&](Severity, std::string_view, std::string_view text) {
                        log.emplace_back(text);
                      }).value());
  CHECK(replayed == live);
  for (const std::string& line : log) {
    INFO(line);
    CHECK(line.find("was not asked for") == std::string::npos);
  }
}

TEST_CASE("no secret of the configuration is in a cassette", "[integration][cassette]") {
  const TempDir folder;
  const Simulator simulator(kScript);
  {
    Runtime runtime =
        Runtime::open(folder.write("tachikoma.yaml", config(simulator.base_url(), "record: c.jsonl")),
                      [](auto&&...) {})
            .value();
    const auto ask = [&](const std::string& text) {
      static_cast<void>(runtime.generate_text({.model = "mistral-7b", .messages = {user(text)}}));
    };
    ask("tell me the secret");
    ask("is sk-planted-0123456789 too much for planted-header?");
  }
  const std::string text = read_file(folder.path() / "c.jsonl");
  CHECK(text.find("your key is •••") != std::string::npos);
  for (const char* secret : {"planted", "0123456789"}) {
    INFO(text);
    CHECK(text.find(secret) == std::string::npos);
  }
}

TEST_CASE("the command line records and replays by its configuration alone", "[integration][cassette][cli]") {
  const Shell shell;
  const auto configure = [&](const std::string& base_url, const std::string& cassette) {
    shell.folder().write("tachikoma.yaml", config(base_url, cassette));
  };
  const std::vector<std::string> ask = {"ask", "-m", "mistral-7b", "Hello"};
  Finished live;
  {
    const Simulator simulator;
    configure(simulator.base_url(), "record: c.jsonl");
    live = shell.tachikoma(ask);
    REQUIRE(live.exit_code == 0);
  }
  configure("auto", "replay: c.jsonl");
  const Finished replayed = shell.tachikoma(ask);
  CHECK(replayed.out == live.out);
  CHECK(replayed.err.empty());
  const Finished changed = shell.tachikoma({"ask", "-m", "mistral-7b", "Hello you", "--temperature", "0.5"});
  CHECK(changed.exit_code == 2);
  INFO(changed.err);
  CHECK(changed.err.find("\ntachikoma:   messages[0].text: recorded \"Hello\", asked \"Hello you\"\n") !=
        std::string::npos);
  CHECK(changed.err.find("\ntachikoma:   settings.temperature: recorded nothing, asked 0.5\n") !=
        std::string::npos);
  configure("auto", "replay: {file: c.jsonl, match: loose}");
  shell.folder().write("in.jsonl", "{\"prompt\": \"Hello\"}\n{\"prompt\": \"Hello\"}\n");
  const Finished batch = shell.tachikoma({"batch", "in.jsonl", "-o", "out.jsonl", "--model", "mistral-7b"});
  CHECK(batch.exit_code == 0);
  shell.folder().write("c.jsonl", "{\"cassette\":1}\n{\"request\":");
  const Finished broken = shell.tachikoma(ask);
  CHECK(broken.exit_code == 2);
  CHECK(broken.err.find("c.jsonl:2: the file ends within this line") != std::string::npos);
}

TEST_CASE("a program that is killed while it records leaves a cassette that can be replayed",
          "[integration][cassette][cli]") {
  const Shell shell;
  const Simulator simulator("hold: {answers: [openai/gpt-oss-20b]}\n");
  shell.folder().write("tachikoma.yaml", config(simulator.base_url(), "record: c.jsonl"));
  shell.folder().write("in.jsonl",
                       "{\"model\": \"mistral-7b\", \"prompt\": \"Hello\"}\n"
                       "{\"model\": \"openai/gpt-oss-20b\", \"prompt\": \"Hello\"}\n");
  Process batch(with_errors_in(shell.command({"batch", "in.jsonl", "-o", "out.jsonl", "-j", "1"}),
                               (shell.folder().path() / "errors").string()));
  simulator.wait_for([](const Value& state) { return state["open_streams"] == Value(1); });
  batch.signal(SIGKILL);
  batch.wait();
  shell.folder().write("tachikoma.yaml", config("auto", "replay: {file: c.jsonl, match: loose}"));
  const Finished models = shell.tachikoma({"models", "--names"});
  CHECK(models.exit_code == 0);
  CHECK(models.out.find("mistral-7b") != std::string::npos);
}
