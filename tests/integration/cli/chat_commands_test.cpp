// SPDX-License-Identifier: MIT
// The slash commands of a chat without a terminal: as text, and as JSON.
#include <filesystem>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kTooled[] = R"(providers: {one: {plugin: echo, models: [alpha, beta]}}
tools: {parrot: {plugin: echo}}
defaults: {model: alpha}
)";

/// What one line of a chat with --json prints.
Value json_of_line(const Shell& shell, const std::string& line) {
  return json_of(shell.tachikoma({"chat", "--json"}, line + "\n").out);
}

std::string kind_of_line(const Shell& shell, const std::string& line) {
  return std::string(json_of_line(shell, line)["kind"].as_string());
}

}  // namespace

TEST_CASE("every slash command prints one JSON value with --json", "[cli][chat]") {
  const Shell shell(kTooled);
  shell.folder().write("notes.md", "some notes");
  CHECK(kind_of_line(shell, "/model") == "models");
  CHECK(kind_of_line(shell, "/model beta") == "chat");
  CHECK(kind_of_line(shell, "/models") == "models");
  CHECK(kind_of_line(shell, "/ps") == "ps");
  CHECK(kind_of_line(shell, "/system be kind") == "chat");
  CHECK(kind_of_line(shell, "/set") == "settings");
  CHECK(kind_of_line(shell, "/set temperature 0.2") == "chat");
  CHECK(kind_of_line(shell, "/reasoning") == "reasoning");
  CHECK(kind_of_line(shell, "/reasoning show") == "chat");
  CHECK(kind_of_line(shell, "/tools") == "tools");
  CHECK(kind_of_line(shell, "/tools parrot") == "chat");
  CHECK(kind_of_line(shell, "/file notes.md") == "chat");
  CHECK(kind_of_line(shell, "/stats") == "chat_stats");
  CHECK(kind_of_line(shell, "/reset") == "chat");
  CHECK(kind_of_line(shell, "/fork") == "chat");
  CHECK(kind_of_line(shell, "/save talk.jsonl") == "chat");
  CHECK(kind_of_line(shell, "/resume") == "chats");
  CHECK(kind_of_line(shell, "/resume talk.jsonl") == "chat");
  CHECK(kind_of_line(shell, "/reload --dry-run") == "reload");
  CHECK(kind_of_line(shell, "/help") == "chat_commands");
  for (const char* failing :
       {"/edit", "/retry", "/set heat 1", "/model nobody", "/file nothing", "/nonsense"}) {
    INFO(failing);
    const Finished chat = shell.tachikoma({"chat", "--json"}, std::string(failing) + "\n");
    CHECK(chat.out.empty());
    CHECK(json_of(chat.err)["kind"].as_string() == "error");
  }
}

TEST_CASE("with --json a command tells how the chat is now", "[cli][chat]") {
  const Shell shell(kTooled);
  const Finished chat = shell.tachikoma(
      {"chat", "--json"}, "one\n/system be kind\n/set temperature 0.2\n/tools parrot\n/model beta\n");
  const Value now = json_lines_of(chat.out).back()["data"];
  CHECK(now["model"].as_string() == "beta");
  CHECK(now["system"].as_string() == "be kind");
  CHECK(now["turns"].as_integer() == 1);
  CHECK(now["settings"]["temperature"].as_real() == 0.2);
  CHECK(now["tools"].elements().at(0).as_string() == "parrot");
}

TEST_CASE("/set changes a setting of the following answers, and undoes it", "[cli][chat]") {
  const Simulator simulator;
  const Shell shell("providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}}\ndefaults: {model: mistral-7b}\n");
  const Finished chat = shell.tachikoma(
      {"chat", "--top-p", "0.5"},
      "one\n/set temperature 0.2\n/set stop_sequences END\ntwo\n/set temperature default\nthree\n"
      "/set temperature hot\n/set temperature 3\n/set temprature 1\n/set max_tokens\n");
  INFO(chat.err);
  std::vector<Value> asked;
  const Value state = simulator.state();
  for (const Value& request : state["requests"].elements())
    if (request["path"].as_string().ends_with("/chat/completions")) asked.push_back(request["body"]);
  REQUIRE(asked.size() == 3);
  CHECK(asked[0]["temperature"].is_null());
  CHECK(asked[0]["top_p"].as_real() == 0.5);
  CHECK(asked[1]["temperature"].as_real() == 0.2);
  CHECK(asked[1]["stop"].elements().at(0).as_string() == "END");
  CHECK(asked[2]["temperature"].is_null());
  CHECK(chat.err ==
        "tachikoma: temperature is 0.2 from here on\n"
        "tachikoma: stop_sequences is END from here on\n"
        "tachikoma: temperature is default from here on\n"
        "tachikoma: 'hot' is not a value of temperature\n"
        "  hint: Randomness: 0 (always the likeliest token) to 2\n"
        "tachikoma: '3' is not a value of temperature\n"
        "  hint: Randomness: 0 (always the likeliest token) to 2\n"
        "tachikoma: unknown setting 'temprature'\n"
        "  hint: did you mean 'temperature'?\n"
        "tachikoma: a value is missing of max_tokens\n"
        "  hint: Stop after this many tokens\n");
}

TEST_CASE("/file goes with the next message alone, as -f goes with the first", "[cli][chat]") {
  const Shell shell(kEchoes);
  shell.folder().write("notes.md", "some notes");
  const std::string with_file = "first\n\n--- notes.md ---\nsome notes\n";
  const Finished chat = shell.tachikoma({"chat"}, "/file notes.md\nfirst\nsecond\n/file nothing\n");
  CHECK(chat.out == with_file + "second\n");
  CHECK(chat.err ==
        "tachikoma: 'notes.md' goes with the next message\n"
        "tachikoma: cannot read 'nothing': No such file or directory\n");
  CHECK(shell.tachikoma({"chat", "-f", "notes.md"}, "first\nsecond\n").out == with_file + "second\n");
  CHECK(shell.tachikoma({"chat", "-f", "nothing"}, "first\n").exit_code == 2);
  CHECK_THAT(shell.tachikoma({"chat"}, "/file\n").err, StartsWith("tachikoma: /file needs a file\n"));
}

TEST_CASE("/retry has the last message answered once more", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat = shell.tachikoma({"chat", "--json"}, "one two\n/model beta\n/retry\nthree\n");
  const std::vector<Value> lines = json_lines_of(chat.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[2]["data"]["model"].as_string() == "beta");
  CHECK(lines[2]["data"]["text"].as_string() == "one two");
  // the echo counts the words of the history: the message, one answer to it, and the new one
  CHECK(lines[3]["data"]["usage"]["prompt_tokens"].as_integer() == 2 + 2 + 1);
}

TEST_CASE("/reasoning prints the last answer's reasoning, and has it shown", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat = shell.tachikoma({"chat", "-m", "thinker"},
                                        "/reasoning\none\n/reasoning\n/reasoning only\ntwo\n/reasoning no\n");
  CHECK(chat.out == "one\nlet me think\nlet me think\n");
  CHECK_THAT(chat.err, StartsWith("tachikoma: no answer with reasoning yet\n") &&
                           ContainsSubstring("'no' is not one of hide, show and only"));
  CHECK(shell.tachikoma({"chat", "-m", "thinker", "--think", "only"}, "one\n").out == "let me think\n");
}

TEST_CASE("/tools lists the configuration's tools, and lets the model call some", "[cli][chat]") {
  const Shell shell(kTooled);
  const Finished chat =
      shell.tachikoma({"chat"}, "/tools\n/tools parrot\n/tools\n/tools none\n/tools crow\n");
  INFO(chat.err);
  CHECK_THAT(chat.out,
             StartsWith("ID      USED  DESCRIPTION\nparrot  no ") && ContainsSubstring("\nparrot  yes "));
  CHECK_THAT(chat.err, StartsWith("tachikoma: the model may call 'parrot'\n"
                                  "tachikoma: the model may call no tool\n") &&
                           ContainsSubstring("crow"));
  CHECK_THAT(Shell(kEchoes).tachikoma({"chat"}, "/tools\n").err, ContainsSubstring("has no tools"));
  CHECK(shell.tachikoma({"chat", "--tool", "crow"}, "one\n").exit_code == 3);
}

TEST_CASE("/resume lists the saved chats, and goes on with one", "[cli][chat]") {
  const Shell shell(kEchoes);
  const auto chat = [&](const std::string& input) {
    Command command = shell.command({"chat", "--json"}, input);
    command.env.emplace_back("TACHIKOMA_NO_SAVE", "");
    return run(command);
  };
  chat("one two\nthree\n");
  const Value list = json_of(chat("/resume\n").out)["data"]["chats"];
  REQUIRE(list.elements().size() == 1);
  CHECK(list.elements()[0]["turns"].as_integer() == 2);
  CHECK(list.elements()[0]["began"].as_string() == "one two");
  const std::string id(list.elements()[0]["id"].as_string());
  const Finished resumed = chat("other\n/resume " + id + "\nfour\n/resume nothing\n");
  const std::vector<Value> lines = json_lines_of(resumed.out);
  CHECK(lines.at(2)["data"]["usage"]["prompt_tokens"].as_integer() == 2 + 2 + 1 + 1 + 1);
  CHECK_THAT(resumed.err,
             StartsWith("tachikoma: this is the chat '" + id + "' from here on; the chat so far: ") &&
                 ContainsSubstring("no chat 'nothing' is saved") &&
                 ContainsSubstring("continue with: tachikoma chat --continue " + id + "\n"));
}
