// SPDX-License-Identifier: MIT
// A chat as someone at a terminal has it: keys, history, pasted texts, Tab, ^C and ^D.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/terminal.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr std::string_view kUp = "\x1b[A";
constexpr std::string_view kDown = "\x1b[B";
constexpr std::string_view kLeft = "\x1b[D";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kDelete = "\x1b[3~";
constexpr std::string_view kControlC = "\x03";
constexpr std::string_view kControlD = "\x04";

/// Waits until the cursor is on this line: what was typed has been read, or there is a new prompt.
void wait_for_line(Terminal& terminal, const std::string& line) {
  terminal.wait_until([&](const Screen& screen) { return screen.row(screen.cursor().row) == line; });
}

/// Someone at a terminal who chats with an echo; the prompt is "alpha> ".
struct TerminalChat {
  Shell shell;
  Terminal terminal;

  static Command command(const Shell& shell, std::vector<std::string> words,
                         std::vector<std::pair<std::string, std::string>> env) {
    words.insert(words.begin(), {"chat", "--raw"});
    Command chat = shell.command(words);
    chat.env.insert(chat.env.end(), env.begin(), env.end());
    return chat;
  }

  explicit TerminalChat(const std::string& config = kEchoes, std::vector<std::string> words = {},
                        int columns = 80, std::vector<std::pair<std::string, std::string>> env = {})
      : shell(config), terminal(command(shell, std::move(words), std::move(env)), columns) {
    terminal.wait_for(">");
  }

  void wait_for_line(const std::string& line) { ::wait_for_line(terminal, line); }
  /// Types a turn, and waits for its answer and the next prompt.
  void say(const std::string& turn, const std::string& prompt = "alpha>") {
    wait_for_line(prompt);
    terminal.type(turn);
    wait_for_line(prompt + " " + turn);
    terminal.type("\r");
    wait_for_line(prompt);
  }
  bool shows(const std::string& text) const {
    return terminal.screen().all_text().find(text) != std::string::npos;
  }
};

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("a chat on a terminal has the model in its prompt, and a line on the context below an answer",
          "[cli][chat][terminal]") {
  TerminalChat chat;
  CHECK(chat.terminal.screen().style_of("alpha>").bold);
  chat.terminal.type("hello wörld 你好\r");
  chat.terminal.wait_for("context 6 tokens");
  chat.wait_for_line("alpha>");
  CHECK(chat.terminal.screen().text() ==
        "/help lists the commands; ^D exits\n"
        "alpha> hello wörld 你好\n"
        "hello wörld 你好\n"
        "context 6 tokens\n"
        "alpha>\n");
  CHECK_FALSE(chat.terminal.screen().style_of("hello").bold);
  chat.terminal.type(kControlD);
  CHECK(chat.terminal.wait() == 0);
}

TEST_CASE("the line below an answer tells how much of the context is used", "[cli][chat][terminal]") {
  const Simulator simulator("replies: [{text: one two three}]\n");
  TerminalChat chat("providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}}\ndefaults: {model: mistral-7b}\n");
  chat.terminal.type("hello\r");
  chat.terminal.wait_for("context 8 of 4096 tokens");
}

TEST_CASE("a line is edited with the keys of a terminal", "[cli][chat][terminal]") {
  TerminalChat chat;
  chat.terminal.type(std::string("wöld") + std::string(kLeft) + std::string(kLeft) + "r");
  chat.wait_for_line("alpha> wörld");
  chat.terminal.type(std::string(kHome) + "X" + "hello ");
  chat.wait_for_line("alpha> Xhello wörld");
  chat.terminal.type(std::string(kHome) + std::string(kDelete));
  chat.wait_for_line("alpha> hello wörld");
  chat.terminal.type("\x05!\r");  // ^E: to the end
  chat.terminal.wait_for("\nhello wörld!\n");
}

TEST_CASE("a line that is longer than the terminal is edited over several rows", "[cli][chat][terminal]") {
  TerminalChat chat(kEchoes, {}, 40);
  const std::string words = "one two three four five six seven eight nine ten eleven";
  chat.terminal.type(words);
  chat.terminal.wait_for("leven");
  chat.terminal.type(std::string(kHome) + "zero \r");
  chat.terminal.wait_for("context 24 tokens");
  chat.wait_for_line("alpha>");
  CHECK(chat.terminal.screen().text() ==
        "/help lists the commands; ^D exits\n"
        "alpha> zero one two three four five six\n"
        "seven eight nine ten eleven\n"
        "zero one two three four five six seven e\n"
        "ight nine ten eleven\n"
        "context 24 tokens\n"
        "alpha>\n");
}

TEST_CASE("earlier lines come back, also those of an earlier chat", "[cli][chat][terminal]") {
  const Shell shell(kEchoes);
  const std::filesystem::path file = shell.folder().path() / ".local/state/tachikoma/chat_history";
  const auto begin = [&](std::vector<std::string> words = {}) {
    return TerminalChat::command(shell, std::move(words), {{"TACHIKOMA_NO_SAVE", ""}});
  };
  {
    Terminal first(begin());
    first.wait_for("alpha>");
    first.type("one\r");
    first.wait_for("context 2 tokens");
    wait_for_line(first, "alpha>");
    first.paste("two\nthree");
    first.type("\r");
    first.wait_for("context 6 tokens");
    wait_for_line(first, "alpha>");
    first.type(kControlD);
    CHECK(first.wait() == 0);
  }
  CHECK(read_file(file) == "\"one\"\n\"two\\nthree\"\n");
  struct stat status = {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);

  Terminal second(begin());
  second.wait_for("alpha>");
  second.type(std::string(kUp) + std::string(kUp));
  second.wait_for("alpha> one");
  second.type(kDown);
  second.wait_for("alpha> two\nthree");
  second.type("\r");
  second.wait_for("context 4 tokens");
  wait_for_line(second, "alpha>");
  second.type("\x12on");  // ^R: searches
  second.wait_for("one");
  second.type("\r\r");
  second.wait_for("context 6 tokens");

  Terminal unsaved(begin({"--no-save"}));
  unsaved.wait_for("alpha>");
  unsaved.type("secret\r");
  unsaved.wait_for("context 2 tokens");
  CHECK(read_file(file).find("secret") == std::string::npos);
}

TEST_CASE("pasted lines are one message", "[cli][chat][terminal]") {
  TerminalChat chat;
  chat.terminal.paste("first line\nsecond line\rthird\ttabbed\n");
  chat.terminal.wait_for("third");
  CHECK_FALSE(chat.shows("context"));
  chat.terminal.type("\r");
  chat.terminal.wait_for("context 12 tokens");
  chat.wait_for_line("alpha>");
  CHECK_THAT(chat.terminal.screen().text(), ContainsSubstring("alpha> first line\nsecond line\nthird") &&
                                                ContainsSubstring("\nfirst line\nsecond line\nthird"));
  chat.terminal.type("another\x1b\rline\\\r");  // Alt+Enter, and a backslash at the end
  chat.wait_for_line("…");
  chat.terminal.type("end\r");
  chat.terminal.wait_for("another\nline\nend\ncontext 18 tokens");
}

TEST_CASE("a large pasted text is sent as it is", "[cli][chat][terminal]") {
  TerminalChat chat;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "word" + std::to_string(i) + (i % 10 == 9 ? "\n" : " ");
  chat.terminal.paste(text);
  chat.terminal.wait_for("word2999");
  chat.terminal.type("\r");
  chat.terminal.wait_for("context 6000 tokens");
}

TEST_CASE("Tab completes commands, models, settings and files", "[cli][chat][terminal]") {
  TerminalChat chat;
  chat.shell.folder().write("notes.md", "some notes");
  chat.shell.folder().write("folder/inside.md", "more");
  chat.terminal.type("/mo\t");
  chat.wait_for_line("alpha> /model");
  chat.terminal.type("\t");
  chat.terminal.wait_for("/model   /models\n");
  chat.terminal.type(" thi\t");
  chat.wait_for_line("alpha> /model thinker");
  chat.terminal.type("\r");
  chat.wait_for_line("thinker>");
  chat.terminal.type("/model one::\t\t");
  chat.terminal.wait_for("one::alpha  one::beta\n");
  chat.terminal.type(kControlC);
  chat.wait_for_line("thinker>");
  chat.terminal.type("/set temp\t");
  chat.wait_for_line("thinker> /set temperature");
  chat.terminal.type("default\r");
  chat.terminal.wait_for("temperature is default");
  chat.wait_for_line("thinker>");
  chat.terminal.type("/file fol\tin\t\r");
  chat.terminal.wait_for("'folder/inside.md' goes with the next message");
  chat.wait_for_line("thinker>");
  chat.terminal.type("no command\t\r");  // nothing to complete
  chat.terminal.wait_for("no command\n\n--- folder/inside.md ---\nmore\n");
}

TEST_CASE("^C stops an answer, and what was shown stays in the chat", "[cli][chat][terminal]") {
  TerminalChat chat(
      "providers: {slow: {plugin: echo, models: [slow], delay: 20ms}}\ndefaults: {model: slow}\n");
  std::string turn;
  for (int i = 0; i < 900; ++i) turn += (i ? " w" : "w") + std::to_string(i);
  chat.terminal.paste(turn);
  chat.terminal.type("\r");
  chat.terminal.wait_for("\nw0 w1 w2");
  chat.terminal.type(kControlC);
  chat.terminal.wait_for("(stopped; what was shown stays in the chat)\n");
  chat.say("on", "slow>");
  // the echo counts the words of the history: the message, what was shown of its answer, and the new one
  const std::string text = chat.terminal.screen().all_text();
  const std::size_t at = text.rfind("context ");
  REQUIRE(at != std::string::npos);
  CHECK(std::stoi(text.substr(at + 8)) > 900 + 2);
  CHECK(std::stoi(text.substr(at + 8)) < 900 + 900);
}

TEST_CASE("^C at the prompt clears the line, and on an empty line leaves at the second time",
          "[cli][chat][terminal]") {
  TerminalChat chat;
  chat.terminal.type("half a thou");
  chat.wait_for_line("alpha> half a thou");
  chat.terminal.type(kControlC);
  chat.wait_for_line("alpha>");
  CHECK_FALSE(chat.shows("exits, like"));
  chat.say("hello");
  CHECK(chat.shows("\nhello\ncontext 2 tokens\n"));
  chat.terminal.type(kControlC);
  chat.terminal.wait_for("(^C again exits, like ^D)");
  chat.wait_for_line("alpha>");
  chat.terminal.type(kControlC);
  CHECK(chat.terminal.wait() == 130);
}

TEST_CASE("SIGHUP while something is typed reads the configuration, and keeps what was typed",
          "[cli][chat][terminal][signal]") {
  TerminalChat chat("providers: {one: {plugin: echo, models: [alpha]}}\ndefaults: {model: alpha}\n");
  chat.terminal.type("half a");
  chat.wait_for_line("alpha> half a");
  chat.shell.folder().write(
      "tachikoma.yaml", "providers: {one: {plugin: echo, models: [alpha, beta]}}\ndefaults: {model: beta}\n");
  chat.terminal.signal(SIGHUP);
  chat.wait_for_line("beta> half a");
  CHECK(chat.shows("was read again"));
  chat.terminal.type(" thought\r");
  chat.terminal.wait_for("\nhalf a thought\n");
}

TEST_CASE("a line survives another size of the terminal, and a stop of the program",
          "[cli][chat][terminal]") {
  TerminalChat chat;
  chat.terminal.type("hello");
  chat.wait_for_line("alpha> hello");
  chat.terminal.resize(40, 24);
  chat.terminal.type(" there");
  chat.wait_for_line("alpha> hello there");
  chat.terminal.signal(SIGCONT);  // as after ^Z and fg
  chat.terminal.type("!\r");
  chat.terminal.wait_for("\nhello there!\ncontext 4 tokens\n");
}

TEST_CASE("/edit sends what the editor leaves", "[cli][chat][terminal]") {
  const Shell tools;
  const std::string editor =
      tools.folder().write("editor",
                           "#!/bin/sh\ncase $(cat \"$1\") in\n  fail) exit 3 ;;\n  nothing) : > \"$1\" ;;\n"
                           "  *) printf ' and\\nmore\\n' >> \"$1\" ;;\nesac\n");
  TerminalChat chat(kEchoes, {}, 80, {{"EDITOR", "sh " + editor}});
  chat.terminal.type("/edit this\r");
  chat.terminal.wait_for("this and\nmore\ncontext 6 tokens\n");
  chat.say("/edit fail");
  CHECK(chat.shows("hint: EDITOR names the editor"));
  chat.say("/edit nothing");
  CHECK(chat.shows("the text is empty: nothing is sent"));
}

TEST_CASE("/model loads the model that it switches to, and keeps the old one if that fails",
          "[cli][chat][terminal]") {
  const Simulator simulator;
  TerminalChat chat("providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}}\ndefaults: {model: mistral-7b}\n");
  chat.terminal.type("/model qwen3-8b\r");
  chat.terminal.wait_for("answers from here on");
  chat.wait_for_line("qwen3-8b>");
  CHECK_THAT(chat.terminal.written(), ContainsSubstring("loading qwen3-8b"));
  CHECK_FALSE(chat.shows("loading qwen3"));
  chat.say("/model huge", "qwen3-8b>");
  CHECK(chat.shows("tachikoma: "));
  CHECK_FALSE(chat.shows("huge answers"));
}

TEST_CASE("reasoning is one line until it is asked for", "[cli][chat][terminal]") {
  TerminalChat chat(kEchoes, {"-m", "thinker"});
  chat.say("one", "thinker>");
  CHECK(chat.shows("reasoned for 3 tokens: /reasoning"));
  CHECK_FALSE(chat.shows("let me think"));
  chat.say("/reasoning", "thinker>");
  CHECK(chat.shows("\nlet me think\n"));
  chat.say("/reasoning show", "thinker>");
  chat.say("two", "thinker>");
  CHECK(chat.shows("<thinking>\nlet me think\n</thinking>\ntwo\n"));
  CHECK(count(chat.terminal.screen().all_text(), "reasoned for") == 1);
}

TEST_CASE("with --json on a terminal, stdout has JSON alone", "[cli][chat][terminal]") {
  const Shell shell(kEchoes);
  const std::string out = (shell.folder().path() / "out").string();
  Command command = TerminalChat::command(shell, {"--json"}, {});
  command.argv.insert(command.argv.begin(), {"sh", "-c", R"(out=$1; shift; exec "$@" >"$out")", "sh", out});
  Terminal terminal(command);
  terminal.wait_for("alpha>");
  terminal.type("one\r/stats\r/help\r/exit\r");
  CHECK(terminal.wait() == 0);
  CHECK(json_lines_of(read_file(out)).size() == 3);
}

TEST_CASE("a dumb terminal has plain lines, without an escape code", "[cli][chat][terminal]") {
  TerminalChat chat(kEchoes, {}, 80, {{"TERM", "dumb"}});
  chat.terminal.type("one\r");
  chat.terminal.wait_for("context 2 tokens");
  chat.terminal.type(kControlD);
  CHECK(chat.terminal.wait() == 0);
  CHECK(chat.terminal.written().find('\x1b') == std::string::npos);
}

TEST_CASE("without colours a chat still has its lines edited", "[cli][chat][terminal]") {
  TerminalChat chat(kEchoes, {"--no-color"});
  chat.terminal.type("oe\x02n\r");  // ^B: to the left
  chat.terminal.wait_for("\none\ncontext 2 tokens\n");
  CHECK_FALSE(chat.terminal.screen().style_of("alpha>").bold);
  CHECK(chat.terminal.written().find("\x1b[2m") == std::string::npos);
}
