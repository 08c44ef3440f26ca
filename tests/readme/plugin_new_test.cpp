// SPDX-License-Identifier: MIT
// What `tachikoma plugin new` writes, built untouched as a stranger would: against the installed package.
#include <string>
#include <vector>

#include "readme/installation.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

namespace {

std::vector<std::string> compilers() {
  std::vector<std::string> found{TACHIKOMA_CXX};
  if (run({.argv = {"bash", "-c", "command -v clang++"}}).exit_code == 0) found.emplace_back("clang++");
  return found;
}

/// A new plugin of the kind, built and tested by the commands of its README.
class NewPlugin {
 public:
  NewPlugin(const std::string& kind, const std::string& compiler) : compiler_(compiler) {
    check(run(installed({"tachikoma", "plugin", "new", "my-plugin", "--kind", kind}, folder_)));
    check(in_folder("cmake -B build && cmake --build build && ctest --test-dir build --output-on-failure"));
    check(in_folder("tachikoma config check tachikoma.yaml"));
  }

  Finished in_folder(const std::string& script) const {
    Command command = installed({"bash", "-euo", "pipefail", "-c", "cd my-plugin && " + script}, folder_);
    command.env.emplace_back("CXX", compiler_);
    return run(command);
  }
  std::string said(const std::string& words) const {
    const Finished finished = in_folder("tachikoma ask --config tachikoma.yaml " + words);
    check(finished);
    return finished.out;
  }

 private:
  TempDir folder_;
  std::string compiler_;
};

}  // namespace

TEST_CASE("a new provider builds, keeps the contract and answers, untouched", "[readme][plugin]") {
  for (const std::string& compiler : compilers())
    CHECK(NewPlugin("provider", compiler).said("-m my-plugin::any Hello") == "You said: Hello\n");
}

TEST_CASE("a new provider for a server with OpenAI's API does", "[readme][plugin]") {
  const Simulator server("replies: [{text: Good day.}]\n");
  for (const std::string& compiler : compilers()) {
    const NewPlugin plugin("openai-provider", compiler);
    check(plugin.in_folder("sed -i 's|http://127.0.0.1:1234|" + server.base_url() + "|' tachikoma.yaml"));
    CHECK(plugin.said("-m my-plugin::mistral-7b Hello") == "Good day.\n");
  }
}

TEST_CASE("a new tool does, and is called by a model", "[readme][plugin]") {
  const Simulator server;
  for (const std::string& compiler : compilers()) {
    const NewPlugin plugin("tool", compiler);
    check(plugin.in_folder("sed -i 's|base_url: auto|base_url: \"" + server.base_url() +
                           "\"|' tachikoma.yaml"));
    CHECK_THAT(plugin.said("-m openai/gpt-oss-20b --tool my-plugin \"Repeat this: Hello\""),
               ContainsSubstring("You said: "));
  }
}

TEST_CASE("a new monitor does, and is told of the answer", "[readme][plugin]") {
  for (const std::string& compiler : compilers()) {
    const NewPlugin plugin("monitor", compiler);
    CHECK(plugin.said("Hello") == "Hello\n");
    CHECK(plugin.in_folder("cat answers.txt").out == "echo::parrot stop\n");
  }
}
