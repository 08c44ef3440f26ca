// SPDX-License-Identifier: MIT
#include "support/terminal.hpp"

#include <csignal>

#include "support/catch.hpp"

using namespace tachikoma::testing;

namespace {

// The options keep the user's own settings out.
Command bash(const std::string& script) {
  return {.argv = {"env", "--default-signal=INT", "bash", "--norc", "--noprofile", "-c", script}};
}

}  // namespace

TEST_CASE("a terminal shows what a program writes, and the program reads what is typed", "[terminal]") {
  Terminal terminal(
      bash(R"(stty -echo; printf 'name? '; read -r name; printf 'hello %s\n' "$name"; exit 3)"));
  terminal.wait_for("name?");
  CHECK(terminal.screen().cursor() == Screen::Position{0, 6});
  terminal.type("Ada\r");
  CHECK(terminal.wait() == 3);
  CHECK(terminal.screen().text() == "name? hello Ada\n");
}

TEST_CASE("a terminal has the size, the colours and the wide letters of a real one", "[terminal]") {
  Terminal terminal(
      bash(R"(tput cols; printf '1234567890123\n\e[1;32mgreen\e[0m 你好 é\n'; read -r; tput cols)"), 12, 4);
  terminal.wait_for("é");
  CHECK(terminal.screen().scrollback() == std::vector<std::string>{"12"});
  CHECK(terminal.screen().text() == "123456789012\n3\ngreen 你好 é\n");
  CHECK(terminal.screen().style_of("green") == Screen::Style{.bold = true, .color = 2});
  CHECK(terminal.screen().style_of("你") == Screen::Style{});
  terminal.resize(40, 4);
  terminal.type("\r");
  CHECK(terminal.wait() == 0);
  CHECK_THAT(terminal.screen().text(), ContainsSubstring("\n40\n"));
}

TEST_CASE("what is pasted into a terminal is in brackets if the program wants that", "[terminal]") {
  Terminal terminal(bash(R"(stty raw -echo; printf ready; head -c 3 | od -An -c
    printf '\e[?2004hagain\r\n'; head -c 15 | od -An -c -w15)"));
  terminal.wait_for("ready");
  terminal.paste("a\nb");
  terminal.wait_for("again");
  CHECK_THAT(terminal.screen().text(), ContainsSubstring(R"(a  \n   b)"));
  terminal.paste("a\nb");
  CHECK(terminal.wait() == 0);
  CHECK_THAT(terminal.screen().text(),
             ContainsSubstring(R"(033   [   2   0   0   ~   a  \n   b 033   [   2   0   1   ~)"));
}

TEST_CASE("^C in a terminal interrupts the program", "[terminal]") {
  Terminal terminal(bash("printf ready; read -r"));
  terminal.wait_for("ready");
  terminal.type("\x03");
  CHECK(terminal.wait() == 128 + SIGINT);
}

TEST_CASE("what a terminal never shows is an error that has what it shows", "[terminal]") {
  Terminal terminal(bash("echo something"));
  CHECK_THROWS_WITH(terminal.wait_for("else"),
                    ContainsSubstring("the program ended") && ContainsSubstring("something"));
}
