// SPDX-License-Identifier: MIT
// A configuration names programs to run, and was taken from the working folder whoever had put it there: in a
// shared folder anyone could decide what the next user runs.
#include <filesystem>
#include <unistd.h>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

std::string file_of(const Shell& shell, const std::string& name = "tachikoma.yaml") {
  return (shell.folder().path() / name).string();
}

}  // namespace

TEST_CASE("a configuration that is found and that others can write is refused by every verb",
          "[cli][config]") {
  const Shell shell(kEchoes);
  fs::permissions(file_of(shell), fs::perms::others_write, fs::perm_options::add);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"ask", "Hi"},
                                                {"status"},
                                                {"models"},
                                                {"config", "check"},
                                                {"config", "show"},
                                                {"config", "path"}}) {
    INFO(words[0]);
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.exit_code == 3);
    CHECK(refused.out.empty());
    CHECK(refused.err == "tachikoma: the configuration 'tachikoma.yaml' is not used: '" + file_of(shell) +
                             "' is writable by everyone\n  hint: chmod o-w '" + file_of(shell) +
                             "'\n  hint: or, if you trust it, name it: --config, or TACHIKOMA_CONFIG\n");
  }
  // who names it has looked at it
  CHECK(shell.tachikoma({"ask", "--config", "tachikoma.yaml", "Hi"}).exit_code == 0);
  Command named = shell.command({"ask", "Hi"});
  named.env.emplace_back("TACHIKOMA_CONFIG", "tachikoma.yaml");
  CHECK(run(named).exit_code == 0);
  CHECK(shell.tachikoma({"config", "check", "tachikoma.yaml"}).exit_code == 0);
}

TEST_CASE("so is one in a folder where others can put another in its place", "[cli][config]") {
  const Shell shell(kEchoes);
  fs::permissions(shell.folder().path(), fs::perms::all);
  CHECK_THAT(shell.tachikoma({"models"}).err,
             ContainsSubstring("'" + shell.folder().path().string() + "' is writable by everyone"));
  fs::permissions(shell.folder().path(), fs::perms::all | fs::perms::sticky_bit);  // as in /tmp: nobody can
  CHECK(shell.tachikoma({"models"}).exit_code == 0);
}

TEST_CASE("so is one of another user, here or in the user's own folder", "[cli][config]") {
  if (::geteuid() != 0) {
    WARN("SKIPPED: a file of another user needs root");
    return;
  }
  const std::string name = GENERATE("tachikoma.yaml", ".config/tachikoma/tachikoma.yaml");
  const Shell shell;
  shell.folder().write(name, kEchoes);
  CHECK(shell.tachikoma({"models"}).exit_code == 0);
  REQUIRE(::chown(file_of(shell, name).c_str(), 65534, 65534) == 0);
  const Finished refused = shell.tachikoma({"models"});
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.err, ContainsSubstring("neither to root nor to you"));
  // and its folders are not searched for plugins
  CHECK_THAT(shell.tachikoma({"plugin", "list"}).err, ContainsSubstring("neither to root nor to you"));
  CHECK(shell.tachikoma({"plugin", "list"}).exit_code == 0);
}

TEST_CASE("a link that is found leads to a file that is judged with its own folder", "[cli][config]") {
  const Shell shell;
  shell.folder().write("elsewhere/real.yaml", kEchoes);
  fs::create_symlink("elsewhere/real.yaml", file_of(shell));
  CHECK(shell.tachikoma({"models"}).exit_code == 0);
  fs::permissions(shell.folder().path() / "elsewhere", fs::perms::all);
  CHECK(shell.tachikoma({"models"}).exit_code == 3);
}
