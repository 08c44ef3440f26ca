// SPDX-License-Identifier: MIT
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text = "tachikoma";
  for (const std::string& word : words) text += " " + (word.empty() ? "''" : word);
  return text;
}

}  // namespace

TEST_CASE("every command has a help page with an example", "[cli]") {
  const Shell shell;
  std::string pages;
  for (const std::vector<std::string>& verb : {std::vector<std::string>{},
                                               {"ask"},
                                               {"chat"},
                                               {"batch"},
                                               {"worker"},
                                               {"queue"},
                                               {"queue", "status"},
                                               {"queue", "pause"},
                                               {"queue", "resume"},
                                               {"queue", "cancel"},
                                               {"embed"},
                                               {"count"},
                                               {"models"},
                                               {"load"},
                                               {"unload"},
                                               {"ps"},
                                               {"download"},
                                               {"status"},
                                               {"doctor"},
                                               {"log"},
                                               {"log", "list"},
                                               {"log", "show"},
                                               {"log", "stats"},
                                               {"plugin"},
                                               {"plugin", "list"},
                                               {"plugin", "info"},
                                               {"config"},
                                               {"config", "check"},
                                               {"config", "show"},
                                               {"config", "init"},
                                               {"config", "path"},
                                               {"config", "schema"},
                                               {"completion"}}) {
    std::vector<std::string> words = verb;
    words.push_back("--help");
    const Finished help = shell.tachikoma(words);
    CHECK(help.exit_code == 0);
    CHECK(help.err.empty());
    CHECK_THAT(help.out, ContainsSubstring("Example:\n  "));
    pages += "$ " + joined(words) + "\n" + help.out + "\n";
  }
  check_golden("cli/help.txt", pages);
}

TEST_CASE("the version is one line, whatever else is wrong", "[cli]") {
  const Shell shell("providers: [this is no configuration\n");
  const Finished version = shell.tachikoma({"--version"});
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.out, StartsWith("tachikoma 0."));
  CHECK(shell.tachikoma({"models", "--version"}).out == version.out);
}

TEST_CASE("a wrong command line is exit 2, and says what is wrong and what is near", "[cli]") {
  const Shell shell;
  std::string said;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"-v"},
                                                {"aks", "hello"},
                                                {"frobnicate", "model"},
                                                {"plugin"},
                                                {"plugin", "lst"},
                                                {"config", "chek"},
                                                {"ask"},
                                                {"ask", ""},
                                                {"ask", "--modle", "m", "hello"},
                                                {"ask", "-q", "hello"},
                                                {"ask", "-m"},
                                                {"ask", "-m", "a", "-m", "b", "hello"},
                                                {"ask", "--usage=yes", "hello"},
                                                {"ask", "--temperature", "hot", "hello"},
                                                {"ask", "--temperature", "nan", "hello"},
                                                {"ask", "--top-p=1.5", "hello"},
                                                {"ask", "--max-tokens", "0", "hello"},
                                                {"ask", "--seed", "1.5", "hello"},
                                                {"ask", "--think", "maybe", "hello"},
                                                {"ask", "\xFF"},
                                                {"models", "all"},
                                                {"load"},
                                                {"load", "m", "--context", "0"},
                                                {"load", "m", "--gpu-layers", "many"},
                                                {"load", "m", "--gpu-layers", "150%"},
                                                {"load", "m", "--split-mode", "column"},
                                                {"load", "m", "--tensor-split", "1,,2"},
                                                {"load", "m", "--mlock", "--no-mlock"},
                                                {"load", "m", "--nommap"},
                                                {"load", "m", "--cache-type-k", "q9"},
                                                {"load", "m", "--ttl", "5"},
                                                {"load", "m", "--identifier="},
                                                {"load", "m", "--reduce-context", "2"},
                                                {"unload"},
                                                {"unload", "--all", "m"},
                                                {"ps", "m"},
                                                {"download"},
                                                {"plugin", "info"},
                                                {"--plugin-path", "nowhere", "plugin", "list"}}) {
    const Finished refused = shell.tachikoma(words);
    INFO(joined(words));
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    if (words != std::vector<std::string>{"ask", "\xFF"}) said += "$ " + joined(words) + "\n";
    said += refused.err + "\n";
  }
  check_golden("cli/usage_errors.txt", said);
}

TEST_CASE("with --json an error is one object on stderr, even when the command line is wrong", "[cli]") {
  const Shell shell;
  const Finished refused = shell.tachikoma({"models", "--json", "--laoded"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.out.empty());
  const Value error = json_of(refused.err);
  CHECK(error["schema_version"].as_integer() == 1);
  CHECK(error["kind"].as_string() == "error");
  CHECK(error["error"]["code"].as_string() == "invalid_argument");
  CHECK(error["error"]["exit"].as_integer() == 2);
  CHECK(error["error"]["message"].as_string() == "unknown option '--laoded'");
  CHECK(error["error"]["hint"].as_string() == "did you mean '--loaded'?");
  CHECK_FALSE(error["error"]["retryable"].as_bool(true));
  CHECK(error["error"].find("detail"));
}

TEST_CASE("options may stand before and behind the command, and be joined to their values", "[cli]") {
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"--json", "models"}).out == shell.tachikoma({"models", "--json"}).out);
  CHECK(shell.tachikoma({"-v", "plugin", "--json", "info", "echo"}).exit_code == 0);
  CHECK(shell.tachikoma({"ask", "-mbeta", "--system=", "hello"}).out == "hello\n");
  CHECK(shell.tachikoma({"ask", "--model=beta", "hello"}).out == "hello\n");
}

TEST_CASE("a question may be any text: words with a meaning elsewhere, several words, a dash in front",
          "[cli]") {
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"ask", "what", "is", "c", "++", "[a,b]", "models", "%%"}).out ==
        "what is c ++ [a,b] models %%\n");
  CHECK(shell.tachikoma({"ask", "--", "-5", "--help"}).out == "-5 --help\n");
  CHECK(shell.tachikoma({"ask", "--stop", "[END]", "one [END] two"}).out == "one \n");
}
