// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// With time between the words, so that there is a speed to measure.
constexpr char kSlowEchoes[] = R"(providers:
  one: {plugin: echo, models: [alpha, beta], delay: 70ms}
  two: {plugin: echo, models: [gamma, delta], reasoning: "let me think", delay: 50ms}
models:
  thinker: {provider: two, key: gamma}
defaults: {model: alpha}
)";

}  // namespace

TEST_CASE("ask prints the answer on stdout, ended by a newline, and nothing else anywhere", "[cli][ask]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "Hello there"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.out == "Hello there\n");
  CHECK(asked.err.empty());
}

TEST_CASE("what comes through a pipe is added after the question, or is the question", "[cli][ask]") {
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"ask", "Shorten this:"}, "a long text\n").out == "Shorten this:\n\na long text\n");
  CHECK(shell.tachikoma({"ask", "-"}, "the whole question\n").out == "the whole question\n");
  CHECK(shell.tachikoma({"ask"}, "the whole question").out == "the whole question\n");
  CHECK(shell.tachikoma({"ask", "-"}, "").exit_code == 2);
}

TEST_CASE("files are added with their names", "[cli][ask]") {
  const Shell shell(kEchoes);
  shell.folder().write("a.txt", "first\n");
  shell.folder().write("b.txt", "second\n");
  const Finished asked = shell.tachikoma({"ask", "-f", "a.txt", "--file", "b.txt", "Compare"}, "third");
  CHECK(asked.out == "Compare\n\n--- a.txt ---\nfirst\n\n\n--- b.txt ---\nsecond\n\n\nthird\n");
}

TEST_CASE("a file that can't be added is exit 2, and says why", "[cli][ask]") {
  const Shell shell(kEchoes);
  shell.folder().write("picture.png", std::string("\x89PNG\0\0", 6));
  shell.folder().write("latin1.txt", "Gr\xFC\xDF\n");
  shell.folder().write("large.log", std::string(9 * 1024 * 1024, 'x'));
  std::string said;
  for (const char* file : {"missing.txt", "picture.png", "latin1.txt", "large.log", "."}) {
    const Finished refused = shell.tachikoma({"ask", "-f", file, "Explain"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    said += refused.err;
  }
  check_golden("cli/ask_files.txt", said);
}

TEST_CASE("reasoning is hidden, shown between marks, or all there is", "[cli][ask]") {
  const Shell shell(kEchoes);
  const auto ask = [&](const std::string& how) {
    return shell.tachikoma({"ask", "-m", "thinker", "--think", how, "the answer"});
  };
  CHECK(shell.tachikoma({"ask", "-m", "thinker", "the answer"}).out == "the answer\n");
  CHECK(ask("hide").out == "the answer\n");
  CHECK(ask("show").out == "<thinking>\nlet me think\n</thinking>\nthe answer\n");
  CHECK(ask("only").out == "let me think\n");
  const Finished none = shell.tachikoma({"ask", "-m", "alpha", "--think", "only", "the answer"});
  CHECK(none.out.empty());
  CHECK_THAT(none.err, ContainsSubstring("no reasoning"));
}

TEST_CASE("--json prints one reply with everything that is known of it", "[cli][ask][json]") {
  const Shell shell(kSlowEchoes);
  const Finished asked = shell.tachikoma({"ask", "--json", "-m", "thinker", "two words"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.err.empty());
  const Value whole = json_of(asked.out);
  CHECK(whole["schema_version"].as_integer() == 1);
  CHECK(whole["kind"].as_string() == "reply");
  const Value& reply = whole["data"];
  CHECK(reply["provider"].as_string() == "two");
  CHECK(reply["model"].as_string() == "gamma");
  CHECK(reply["text"].as_string() == "two words");
  CHECK(reply["channels"]["thinking"].as_string() == "let me think");
  CHECK(reply["channels"]["final"].as_string() == "two words");
  CHECK(reply["tool_calls"].is_array());
  CHECK(reply["finish"].as_string() == "stop");
  CHECK(reply["usage"]["prompt_tokens"].as_integer() == 2);
  CHECK(reply["usage"]["completion_tokens"].as_integer() == 5);
  for (const char* time : {"time_to_first_token", "decode_time", "total_time", "tokens_per_second"}) {
    INFO(time);
    CHECK(reply["metrics"][time]["source"].as_string() == "measured");
    CHECK(reply["metrics"][time]["value"].is_number());
    CHECK(reply["metrics"][time]["unit"].is_string());
    CHECK(reply["metrics"][time]["basis"].is_string());
  }
}

TEST_CASE("--stream-json prints what happens, an object a line, from start to end", "[cli][ask][json]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "--stream-json", "-m", "thinker", "two words"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.err.empty());
  const std::vector<Value> lines = json_lines_of(asked.out);
  CHECK(types_of(lines) == "start channel_start reasoning channel_start text usage end");
  CHECK(lines.front()["schema_version"].as_integer() == 1);
  CHECK(lines.front()["provider"].as_string() == "two");
  CHECK(lines.front()["model"].as_string() == "gamma");
  std::string reasoning, text;
  for (const Value& line : lines) {
    if (line["type"].as_string() == "reasoning") reasoning += line["text"].as_string();
    if (line["type"].as_string() == "text") text += line["text"].as_string();
    if (line["type"].as_string() == "reasoning") CHECK(line["channel"].as_string() == "thinking");
    if (line["type"].as_string() == "text") CHECK(line["channel"].as_string() == "final");
  }
  CHECK(reasoning == "let me think");
  CHECK(text == "two words");
  const Value& end = lines.back();
  CHECK(end["finish"].as_string() == "stop");
  CHECK(end["usage"]["completion_tokens"].as_integer() == 5);
  CHECK(end["metrics"]["time_to_first_token"]["source"].as_string() == "measured");
}

TEST_CASE("--stream-json ends with an error line when it fails", "[cli][ask][json]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "--stream-json", "--temperature", "0.5", "hello"});
  CHECK(asked.exit_code == 1);
  CHECK(asked.err.empty());
  const std::vector<Value> lines = json_lines_of(asked.out);
  CHECK(types_of(lines) == "start error");
  CHECK(lines.back()["error"]["code"].as_string() == "unsupported");
  CHECK(lines.back()["error"]["exit"].as_integer() == 1);
}

TEST_CASE("--usage prints tokens and speed on stderr, and what is not known as unknown", "[cli][ask]") {
  const Shell shell(kSlowEchoes);
  const Finished asked = shell.tachikoma({"ask", "--usage", "one two three"});
  CHECK(asked.out == "one two three\n");
  CHECK_THAT(asked.err, StartsWith("3 prompt + 3 completion tokens · "));
  CHECK_THAT(asked.err, ContainsSubstring(" tokens/s · first token after 0."));
  const Finished one = shell.tachikoma({"ask", "--usage", "one"});
  CHECK_THAT(one.err, ContainsSubstring("tokens/s unknown"));
}

TEST_CASE("an answer that was cut off is printed as far as it goes, and said to be cut off", "[cli][ask]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "--max-tokens", "2", "one two three"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.out == "one two\n");
  CHECK_THAT(asked.err, ContainsSubstring("cut off"));
}

TEST_CASE("a model that does not exist is exit 6, with what is near", "[cli][ask]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "-m", "one::alpah", "hello"});
  CHECK(asked.exit_code == 6);
  CHECK(asked.out.empty());
  CHECK_THAT(asked.err, StartsWith("tachikoma: ") && ContainsSubstring("'alpah'"));
  CHECK_THAT(asked.err, ContainsSubstring("\n  hint: ") && ContainsSubstring("'alpha'"));
  const Value error = json_of(shell.tachikoma({"ask", "--json", "-m", "one::alpah", "hello"}).err)["error"];
  CHECK(error["exit"].as_integer() == 6);
  CHECK(error["detail"]["near"].elements().at(0).as_string() == "alpha");
}

TEST_CASE("nothing that is piped has colours, whatever the model says", "[cli][ask]") {
  const Shell shell(kEchoes);
  const Finished asked = shell.tachikoma({"ask", "-m", "thinker", "--think", "show", "--usage", "plain"});
  CHECK((asked.out + asked.err).find('\x1b') == std::string::npos);
  CHECK(shell.tachikoma({"ask", "raw \x1b[31m bytes"}).out == "raw \x1b[31m bytes\n");
}

TEST_CASE("on a terminal a model can't send control sequences, and reasoning is faint", "[cli][ask]") {
  const Shell shell(kEchoes);
  const auto on_terminal = [&](const std::string& line) {
    return shell.bash("unset NO_COLOR; export TERM=xterm; script -qec '" + line + "' /dev/null </dev/null")
        .out;
  };
  CHECK_THAT(on_terminal("tachikoma ask \"red \x1b[31m text\""), ContainsSubstring("red ␛[31m text"));
  CHECK_THAT(on_terminal("tachikoma ask -m thinker --think show x"),
             ContainsSubstring("\x1b[2m<thinking>\x1b[0m"));
  CHECK(on_terminal("NO_COLOR=1 tachikoma ask -m thinker --think show x").find('\x1b') == std::string::npos);
  CHECK(on_terminal("tachikoma ask --no-color -m thinker --think show x").find('\x1b') == std::string::npos);
}
