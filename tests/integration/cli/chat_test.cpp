// SPDX-License-Identifier: MIT
#include <csignal>
#include <string>
#include <thread>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// The answers, without what the commands have printed.
std::vector<Value> replies_of(const std::string& out) {
  std::vector<Value> lines = json_lines_of(out);
  std::erase_if(lines, [](const Value& line) { return line["kind"].as_string() != "reply"; });
  return lines;
}

}  // namespace

TEST_CASE("a scripted chat prints the answers and no prompts", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat =
      shell.tachikoma({"chat"}, "first\n\nsecond, with\\\nanother line\nlast without an end");
  CHECK(chat.exit_code == 0);
  CHECK(chat.out == "first\nsecond, with\nanother line\nlast without an end\n");
  CHECK(chat.err.empty());
}

TEST_CASE("/model lets another model go on with the same history", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat =
      shell.tachikoma({"chat", "--json", "-m", "alpha"}, "one\n/model thinker\ntwo words\n");
  CHECK(chat.exit_code == 0);
  CHECK(chat.err == "tachikoma: thinker answers from here on\n");
  const std::vector<Value> replies = replies_of(chat.out);
  REQUIRE(replies.size() == 2);
  CHECK(replies[0]["data"]["model"].as_string() == "alpha");
  CHECK(replies[1]["data"]["model"].as_string() == "gamma");
  CHECK(replies[1]["data"]["provider"].as_string() == "two");
  // the echo counts the words of the whole history: "one", its answer, and the new turn
  CHECK(replies[1]["data"]["usage"]["prompt_tokens"].as_integer() == 4);
}

TEST_CASE("/model switches between two servers", "[cli][chat]") {
  const Simulator simulator;
  const Shell shell(
      "providers:\n  here: {plugin: echo, models: [parrot]}\n  there: {plugin: lmstudio, base_url: '" +
      simulator.base_url() + "'}\n");
  const Finished chat =
      shell.tachikoma({"chat", "--json", "-m", "here::parrot"},
                      "Hello\n/model there::mistral-7b\nWho are you?\n/model parrot\nHello again\n");
  INFO(chat.err);
  CHECK(chat.exit_code == 0);
  const std::vector<Value> replies = replies_of(chat.out);
  REQUIRE(replies.size() == 3);
  CHECK(replies[0]["data"]["model"].as_string() == "parrot");
  CHECK(replies[1]["data"]["model"].as_string() == "mistral-7b");
  CHECK(replies[1]["data"]["provider"].as_string() == "there");
  CHECK(replies[2]["data"]["text"].as_string() == "Hello again");
}

TEST_CASE("a name that no model has leaves the chat with the model it had", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat = shell.tachikoma({"chat"}, "/model nobody\nstill there\n");
  CHECK(chat.exit_code == 0);
  CHECK(chat.out == "still there\n");
  CHECK_THAT(chat.err, ContainsSubstring("'nobody'"));
}

TEST_CASE("slash commands print what they are asked for", "[cli][chat]") {
  const Shell shell(kEchoes);
  CHECK_THAT(shell.tachikoma({"chat"}, "/model\n").out,
             StartsWith("model: alpha\n") && ContainsSubstring("two::delta"));
  CHECK_THAT(shell.tachikoma({"chat"}, "/models\n").out, ContainsSubstring("one::beta"));
  CHECK_THAT(shell.tachikoma({"chat"}, "one two\n/usage\n").out,
             ContainsSubstring("last answer: 2 prompt + 2 completion tokens · ") &&
                 ContainsSubstring("all answers: 2 prompt + 2 completion tokens\n"));
  CHECK(shell.tachikoma({"chat"}, "/usage\n").out == "no answer yet\n");
  CHECK_THAT(shell.tachikoma({"chat"}, "/modle x\n").err, ContainsSubstring("did you mean '/model'?"));
  CHECK_THAT(shell.tachikoma({"chat"}, "/reset all\n").err,
             StartsWith("tachikoma: /reset takes nothing, found 'all'\n"));
  CHECK(shell.tachikoma({"chat"}, "one\n/exit\ntwo\n").out == "one\n");
  CHECK(shell.tachikoma({"chat"}, "one\n/quit\ntwo\n").out == "one\n");
  check_golden("cli/chat_help.txt", shell.tachikoma({"chat"}, "/help\n").out);
}

TEST_CASE("/reset forgets the turns, and /system keeps them with another prompt", "[cli][chat]") {
  const Shell shell(kEchoes);
  const auto last_prompt_tokens = [&](const std::string& input) {
    const std::vector<Value> replies =
        replies_of(shell.tachikoma({"chat", "--json", "-s", "be kind"}, input).out);
    return replies.at(1)["data"]["usage"]["prompt_tokens"].as_integer();
  };
  CHECK(last_prompt_tokens("one\ntwo\n") == 5);
  CHECK(last_prompt_tokens("one\n/reset\ntwo\n") == 3);
  CHECK(last_prompt_tokens("one\n/system be very kind\ntwo\n") == 6);
  CHECK(last_prompt_tokens("one\n/system\ntwo\n") == 3);
}

TEST_CASE("a turn that fails is forgotten, and the exit code of a script tells of it", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat = shell.tachikoma({"chat"}, "good\nbad \xFF turn\ngood again\n");
  CHECK(chat.exit_code == 2);
  CHECK(chat.out == "good\ngood again\n");
  CHECK_THAT(chat.err, ContainsSubstring("not UTF-8"));
}

TEST_CASE("a chat with a model that does not exist ends before the first question", "[cli][chat]") {
  const Shell shell(kEchoes);
  const Finished chat = shell.tachikoma({"chat", "-m", "nobody"}, "hello\n");
  CHECK(chat.exit_code == 6);
  CHECK(chat.out.empty());
}

TEST_CASE("a chat reads its configuration again at SIGHUP, and at /reload", "[cli][chat][signal]") {
  const Shell shell("providers: {one: {plugin: echo, models: [alpha]}}\ndefaults: {model: alpha}\n");
  const std::string errors = (shell.folder().path() / "errors").string();
  Process chat(with_errors_in(shell.command({"chat", "--no-save", "--json"}), errors));
  const auto model_of_answer = [&] {
    chat.write("hello\n");
    Value line;
    do line = parse_json(chat.read_line()).value();
    while (line["kind"].as_string() != "reply");
    return std::string(line["data"]["model"].as_string());
  };
  CHECK(model_of_answer() == "alpha");
  shell.folder().write("tachikoma.yaml",
                       "providers: {one: {plugin: echo, models: [alpha, beta]}}\ndefaults: {model: beta}\n");
  chat.write("/reload --dry-run\n");
  CHECK(model_of_answer() == "alpha");
  chat.signal(SIGHUP);
  while (read_file(errors).find(" was read again") == std::string::npos) std::this_thread::yield();
  CHECK(model_of_answer() == "beta");
  shell.folder().write("tachikoma.yaml", "providers: {one: {plugin: echo, modles: [alpha]}}\n");
  chat.write("/reload\n/reload now\n");
  CHECK(model_of_answer() == "beta");
  chat.close_input();
  CHECK(chat.wait() == 0);
  std::string said = read_file(errors);
  const std::string file = (shell.folder().path() / "tachikoma.yaml").string();
  for (std::size_t at; (at = said.find(file)) != std::string::npos;) said.replace(at, file.size(), "FILE");
  check_golden("cli/chat_reload.txt", said);
}
