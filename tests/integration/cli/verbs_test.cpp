// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("without a command there is the help, as with help and --help", "[cli][verbs]") {
  const Shell shell;
  const Finished bare = shell.tachikoma({});
  CHECK(bare.exit_code == 0);
  CHECK(bare.err.empty());
  CHECK_THAT(bare.out, StartsWith("Usage: tachikoma "));
  CHECK(shell.tachikoma({"help"}).out == bare.out);
  CHECK(shell.tachikoma({"--help"}).out == bare.out);
  CHECK(shell.tachikoma({"help", "ask"}).out == shell.tachikoma({"ask", "--help"}).out);
  CHECK(shell.tachikoma({"help", "plugin", "list"}).out == shell.tachikoma({"plugin", "list", "--help"}).out);
  CHECK(shell.tachikoma({"version"}).out == shell.tachikoma({"--version"}).out);
}

TEST_CASE("what other programs call a command is that command here", "[cli][verbs]") {
  const Shell shell(kEchoes);
  const Finished models = shell.tachikoma({"models", "--names"});
  CHECK(models.out == "one::alpha\none::beta\ntwo::gamma\ntwo::delta\n");
  CHECK(shell.tachikoma({"list", "--names"}).out == models.out);
  CHECK(shell.tachikoma({"ls", "--names"}).out == models.out);
  CHECK(shell.tachikoma({"help", "pull"}).out == shell.tachikoma({"download", "--help"}).out);
  CHECK(shell.tachikoma({"help", "stop"}).out == shell.tachikoma({"unload", "--help"}).out);
  CHECK(shell.tachikoma({"help", "logs"}).out == shell.tachikoma({"log", "list", "--help"}).out);
}

TEST_CASE("a command that does not exist is told with the one that is meant", "[cli][verbs]") {
  const Shell shell(kEchoes);
  std::string said;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "alpha"},
                                                {"rm", "alpha"},
                                                {"Why is the sky blue?"},
                                                {"help", "aks"},
                                                {"plugin", "lst", "--help"},
                                                {"doctor", "three"},
                                                {"doctor", "tow"}}) {
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.exit_code == (words[0] == "doctor" ? 3 : 2));
    CHECK(refused.out.empty());
    said += "$ tachikoma";
    for (const std::string& word : words) said += " " + word;
    said += "\n" + refused.err + "\n";
  }
  check_golden("cli/guessed_verbs.txt", said);
}
