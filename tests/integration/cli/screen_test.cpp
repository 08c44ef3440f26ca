// SPDX-License-Identifier: MIT
// What the programs show, in terminals of several sizes and through pipes.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <future>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"
#include "support/terminal.hpp"
#include "tools/tachikoma/width.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Words = std::vector<std::string>;

/// A verb as it works in this world.
struct Use {
  Words words;
  bool asks_server = true;
  std::string input = {};
};

const std::vector<Use>& verb_uses() {
  static const std::vector<Use> all{{{"ask", "-m", "qwen3-8b", "Hello"}},
                                    {{"chat", "--no-save", "-m", "qwen3-8b"}, true, "/models\n/exit\n"},
                                    {{"batch", "in.jsonl", "-o", "out.jsonl", "-m", "qwen3-8b"}},
                                    {{"embed", "-m", "text-embedding-nomic-embed-text-v1.5", "one"}},
                                    {{"count", "-m", "qwen3-8b", "some words"}},
                                    {{"models"}},
                                    {{"models", "--fit"}},
                                    {{"pick", "--ram", "64GB", "--vram", "24GB"}},
                                    {{"load", "phi-3-mini"}},
                                    {{"load", "phi-3-mini", "--estimate-only"}},
                                    {{"unload", "--all"}},
                                    {{"ps"}},
                                    {{"download", "lmstudio::mistral-7b"}},
                                    {{"status"}},
                                    {{"doctor", "--no-measure"}},
                                    {{"log", "list"}, false},
                                    {{"log", "show", "last"}, false},
                                    {{"log", "stats"}, false},
                                    {{"plugin", "list"}, false},
                                    {{"plugin", "info", "echo"}, false},
                                    {{"plugin", "new", "fresh"}, false},
                                    {{"plugin", "check", "echo"}, false},
                                    {{"config", "check"}, false},
                                    {{"config", "show"}, false},
                                    {{"config", "path"}, false}};
  return all;
}

std::string command_line(const Words& words) {
  std::string text = "tachikoma";
  for (const std::string& word : words) text += " " + word;
  return text;
}

std::string logging_config(const std::string& url) {
  return "providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + url +
         "'}\nmonitors: {log: {plugin: sqlite_log, file: log.db}}\n";
}

/// A user with a server, and a log that has an entry.
struct LoggedWorld {
  LoggedWorld() : shell(logging_config(simulator.base_url())) {
    shell.folder().write("in.jsonl", "{\"prompt\": \"Why is the sky blue?\"}\n");
    REQUIRE(shell.tachikoma({"ask", "-m", "qwen3-8b", "first"}).exit_code == 0);
  }

  /// Removes what an earlier use has left, which the next one would not overwrite.
  void prepare() const {
    for (const char* made : {"out.jsonl", "fresh"}) std::filesystem::remove_all(shell.folder().path() / made);
  }

  Simulator simulator;
  Shell shell;
};

// The lines that a program has written, without escape sequences; what was replaced is a line too.
std::vector<std::string> written_lines(std::string_view written) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < written.size(); ++at) {
    const char c = written[at];
    if (c == '\x1b' && at + 1 < written.size() && written[at + 1] == '[') {
      at = std::min(written.find_first_of("ABCDHJKfhlmnrstu", at + 2), written.size());
    } else if (c == '\r' || c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

// A single word is left whole, for those who copy it: the terminal folds it.
std::string too_wide(std::string_view written, std::size_t columns) {
  for (const std::string& line : written_lines(written))
    if (line.find_first_of(' ', line.find_first_not_of(' ')) != std::string::npos &&
        cli::columns_of(line) > columns)
      return line;
  return {};
}

// "log list" and the like, as the list of commands has them.
std::set<std::string> verbs_of_help(const std::string& help) {
  std::set<std::string> verbs;
  const std::size_t begin = help.find("Commands:\n") + 10, end = help.find("\n\n", begin);
  std::istringstream lines(help.substr(begin, end - begin));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (line.starts_with("  ") && line[2] != ' ') verbs.insert(verb);
  }
  return verbs;
}

}  // namespace

TEST_CASE("each verb is shown in 80 and in 40 columns, without a line that is wider", "[cli][terminal]") {
  const LoggedWorld world;
  for (const int columns : {80, 40})
    for (const Use& use : verb_uses()) {
      INFO(command_line(use.words) << " in " << columns);
      world.prepare();
      Terminal terminal(world.shell.command(use.words), columns, 50);
      for (const char key : use.input) terminal.type(std::string(1, key == '\n' ? '\r' : key));
      CHECK(terminal.wait() == 0);
      const bool is_file = use.words[0] == "config" && use.words[1] == "show";
      if (!is_file) CHECK(too_wide(terminal.written(), static_cast<std::size_t>(columns)) == "");
    }
}

TEST_CASE("each help page fits 80 columns and 40, and names every verb that is tested here",
          "[cli][terminal]") {
  const Shell shell;
  std::set<std::string> tested{"completion", "queue", "worker"};  // by tests of their own
  for (const Use& use : verb_uses()) tested.insert(use.words.front());
  for (const std::string& verb : verbs_of_help(shell.tachikoma({"--help"}).out)) {
    INFO(verb);
    CHECK(tested.contains(verb));
    for (const int columns : {80, 40}) {
      Terminal terminal(shell.command({verb, "--help"}), columns, 50);
      CHECK(terminal.wait() == 0);
      CHECK(too_wide(terminal.written(), static_cast<std::size_t>(columns)) == "");
    }
  }
}

TEST_CASE("each verb is without escape sequences in a pipe, and has no colours with NO_COLOR",
          "[cli][terminal]") {
  const LoggedWorld world;
  for (const Use& use : verb_uses()) {
    INFO(command_line(use.words));
    world.prepare();
    const Finished piped = world.shell.tachikoma(use.words, use.input);
    CHECK(piped.exit_code == 0);
    CHECK((piped.out + piped.err).find('\x1b') == std::string::npos);
    CHECK((piped.out + piped.err).find('\r') == std::string::npos);
    if (!use.input.empty()) continue;
    world.prepare();
    Command sober = world.shell.command(use.words);
    sober.env.emplace_back("NO_COLOR", "1");
    Terminal terminal(sober);
    CHECK(terminal.wait() == 0);
    for (const char* color : {"\x1b[3", "\x1b[9", "\x1b[2m", "\x1b[4"})
      CHECK(terminal.written().find(color) == std::string::npos);
  }
}

TEST_CASE("each verb works without a stdin, and gives JSON of its kind with --json",
          "[cli][terminal][json]") {
  const LoggedWorld world;
  for (const Use& use : verb_uses()) {
    INFO(command_line(use.words));
    world.prepare();
    Words words = use.words;
    words.insert(words.begin() + 1, "--json");
    const Finished finished = world.shell.bash(command_line(words) + " <&-");
    CHECK(finished.exit_code == 0);
    for (const Value& line : json_lines_of(finished.out)) {
      CHECK(line["schema_version"].as_integer() == 1);
      CHECK_FALSE(line["kind"].as_string().empty());
      CHECK(line["data"].is_object());
    }
    if (use.input.empty()) CHECK(json_lines_of(finished.out).size() == 1);
  }
}

TEST_CASE("each verb tells one error on stderr where there is no server, or no usable configuration",
          "[cli][terminal][errors]") {
  const Shell none;
  const Shell broken("providers: [\n");
  const Shell alone(logging_config("http://127.0.0.1:" + std::to_string(refused_port())));
  for (const Use& use : verb_uses()) {
    if (!use.input.empty()) continue;
    INFO(command_line(use.words));
    for (const Shell* shell : {&none, &broken, &alone}) {
      shell->folder().write("in.jsonl", "{\"prompt\": \"Why is the sky blue?\"}\n");
      const int unreachable = use.words[0] == "batch" && shell == &alone ? 12 : 4;
      Words words = use.words;
      words.insert(words.begin() + 1, "--json");
      const Finished failed = shell->tachikoma(words);
      INFO(failed.exit_code << ": " << failed.out << failed.err);
      if (use.asks_server) CHECK(failed.exit_code == (shell == &broken ? 3 : unreachable));
      if (!failed.out.empty()) {  // what is known is the result, with the exit code of what is not
        CHECK(json_of(failed.out)["data"].is_object());
        continue;
      }
      CHECK(json_of(failed.err)["kind"].as_string() == "error");
      CHECK(json_of(failed.err)["error"]["exit"].as_integer() == failed.exit_code);
    }
  }
}

TEST_CASE("each verb ends quietly when its reader is gone", "[cli][terminal][signal]") {
  const LoggedWorld world;
  for (const Use& use : verb_uses()) {
    if (!use.input.empty()) continue;
    INFO(command_line(use.words));
    world.prepare();
    const Finished gone =
        world.shell.bash("( " + command_line(use.words) + " </dev/null; echo $? >code ) | true; cat code");
    CHECK((gone.out == "141\n" || gone.out == "0\n"));
    CHECK(gone.err.find("terminate") == std::string::npos);
  }
}

TEST_CASE("^C ends what waits for a server that does not answer, and says no more than that",
          "[cli][terminal][signal]") {
  for (const Words& words :
       {Words{"ask", "Hello"}, {"embed", "one"}, {"count", "one"}, {"models"}, {"status"}}) {
    INFO(command_line(words));
    std::promise<void> asked;
    bool told = false;
    const LoopbackServer server([&](Peer& peer, int) {
      peer.read_request();
      if (!std::exchange(told, true)) asked.set_value();
      peer.wait_for_close();
    });
    const Shell shell("providers: {mute: {plugin: openai, base_url: '" + server.url() +
                      "'}}\nmodels: {small: {provider: mute, key: small}}\ndefaults: {model: small}\n");
    Terminal terminal(shell.command(words));
    asked.get_future().wait();
    terminal.type("\x03");
    CHECK(terminal.wait() == 130);
    CHECK(terminal.screen().all_text().find("waiting for") == std::string::npos);
  }
}

TEST_CASE("what an answer waits for is shown on a terminal until it comes", "[cli][terminal]") {
  const Simulator simulator(
      "models: [{key: slow, size: 2GB, load_time: 2s}]\nreplies: [{text: '**Done**', prompt_time: "
      "1500ms}]\n");
  const Shell shell("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n");
  Terminal terminal(shell.command({"ask", "-m", "slow", "Hello"}));
  terminal.wait_for("loading the model");
  CHECK(terminal.wait() == 0);
  CHECK(terminal.screen().all_text() == "Done\n");
  CHECK(terminal.screen().style_of("Done") == Screen::Style{.bold = true});
}

TEST_CASE("reasoning that is not shown is one line while it lasts", "[cli][terminal]") {
  const Simulator simulator(
      "models: [{key: thinker, loaded: true}]\n"
      "replies: [{reasoning: {text: 'one two three four five six', dialect: think_tags}, text: Done, "
      "delay_per_token: 300ms}]\n");
  const Shell shell("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n");
  Terminal terminal(shell.command({"ask", "-m", "thinker", "Hello"}));
  terminal.wait_for("thinking · ~");
  CHECK(terminal.wait() == 0);
  CHECK(terminal.screen().all_text() == "Done\n");
}

TEST_CASE("--raw, a pipe and a dumb terminal have an answer as the model wrote it", "[cli][terminal]") {
  const Shell shell(kEchoes);
  const std::string answer = "# Title\n\n- **bold**";
  Terminal raw(shell.command({"ask", "--raw", answer}));
  CHECK(raw.wait() == 0);
  CHECK(raw.screen().text() == answer + "\n");
  Command dumb = shell.command({"ask", answer});
  dumb.argv.insert(dumb.argv.begin(), {"env", "TERM=dumb"});
  Terminal simple(dumb);
  CHECK(simple.wait() == 0);
  CHECK(simple.screen().text() == answer + "\n");
  CHECK(shell.tachikoma({"ask", answer}).out == answer + "\n");
  Terminal rendered(shell.command({"ask", answer}));
  CHECK(rendered.wait() == 0);
  CHECK(rendered.screen().text() == "Title\n\n• bold\n");
}
