// SPDX-License-Identifier: MIT
#include <csignal>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A word every 20 ms: an answer that never ends while a test looks at it.
constexpr char kSlowEcho[] = R"(providers: {slow: {plugin: echo, models: [slow], delay: 20ms}}
defaults: {model: slow}
)";

std::string many_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line" + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("^C ends the answer with exit 130 and says nothing", "[cli][signal]") {
  const Shell shell(kSlowEcho);
  const std::string errors = (shell.folder().path() / "errors").string();
  Process asking(with_errors_in(shell.command({"ask", many_lines(1000)}), errors));
  asking.close_input();
  CHECK(asking.read_line() == "line0");
  asking.signal(SIGINT);
  CHECK(asking.wait() == 130);
  CHECK(read_file(errors).empty());
}

TEST_CASE("^C ends a stream of JSON with an error line", "[cli][signal]") {
  const Shell shell(kSlowEcho);
  Process asking(shell.command({"ask", "--stream-json", many_lines(1000)}));
  asking.close_input();
  while (parse_json(asking.read_line()).value()["type"].as_string() != "text") continue;
  asking.signal(SIGINT);
  Value line;
  do line = parse_json(asking.read_line()).value();
  while (line["type"].as_string() == "text");
  CHECK(line["type"].as_string() == "error");
  CHECK(line["error"]["code"].as_string() == "cancelled");
  CHECK(asking.wait() == 130);
}

TEST_CASE("^C stops the answer on the server too", "[cli][signal]") {
  const Simulator simulator("replies: [{when: {contains: sea}, text: '" + many_lines(1000) + "'}]\n",
                            {"--speed", "50"});
  const Shell shell("providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n");
  Process asking(shell.command(
      {"ask", "--stream-json", "-m", "mistral-7b", "Write a long story about the sea, please."}));
  asking.close_input();
  while (parse_json(asking.read_line()).value()["type"].as_string() != "text") continue;
  asking.signal(SIGINT);
  CHECK(asking.wait() == 130);
  simulator.wait_for([](const Value& state) { return state["disconnects"].elements().size() == 1; });
}

TEST_CASE("^C in a chat stops the answer and not the program", "[cli][signal]") {
  const Shell shell(kSlowEcho);
  const std::string errors = (shell.folder().path() / "errors").string();
  Process chat(with_errors_in(shell.command({"chat"}), errors));
  std::string turn = many_lines(1000);
  turn.pop_back();
  for (std::size_t at = 0; (at = turn.find('\n', at)) != std::string::npos; at += 2)
    turn.replace(at, 1, "\\\n");
  chat.write(turn + "\n");
  CHECK(chat.read_line() == "line0");
  chat.signal(SIGINT);
  chat.write("still here?\n");
  std::string line;
  do line = chat.read_line();
  while (line.starts_with("line"));
  CHECK(line == "still here?");
  chat.close_input();
  CHECK(chat.wait() == 0);
  CHECK_THAT(read_file(errors), ContainsSubstring("stopped"));
}

TEST_CASE("a reader that has seen enough ends the generation quietly", "[cli][signal]") {
  const Shell shell(kSlowEcho);
  const Finished piped =
      shell.bash("tachikoma ask --stream-json \"$(seq 1000)\" </dev/null | head -n 1; echo ${PIPESTATUS[0]}");
  CHECK(piped.err.empty());
  CHECK_THAT(piped.out, StartsWith("{\"type\":\"start\"") && ContainsSubstring("\n141\n"));
}

TEST_CASE("an answer that can't be written is an error, not a silent success", "[cli][signal]") {
  const Shell shell(kEchoes);
  const Finished full = shell.bash("tachikoma ask hello </dev/null >/dev/full");
  CHECK(full.exit_code == 1);
  CHECK_THAT(full.err, ContainsSubstring("cannot write to standard output: No space left on device"));
}

TEST_CASE("closed standard streams harm nothing", "[cli][signal]") {
  const Shell shell(kEchoes);
  CHECK(shell.bash("tachikoma ask hello <&-").out == "hello\n");
  CHECK(shell.bash("tachikoma ask hello <&- >&- 2>&-").exit_code == 0);
}
