// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <string_view>

#include "base/lists.hpp"
#include "completion_scripts.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

struct Script {
  std::string_view shell, text;
};

constexpr std::array kScripts{Script{"bash", kBashCompletion}, Script{"zsh", kZshCompletion},
                              Script{"fish", kFishCompletion}};

int run_completion(const Options& options, Output& output) {
  for (const Script& script : kScripts) {
    if (options.subject != script.shell) continue;
    output.print(script.text);
    return output.finish(0);
  }
  const auto shells = base::texts_of(kScripts, &Script::shell);
  return output.fail({ErrorCode::invalid_argument, "there is no completion for '" + options.subject + "'",
                      "there is one for " + base::listed(shells, " and ")});
}

}  // namespace

const Verb kCompletion{
    .name = "completion",
    .brief = "Prints what completes commands in your shell",
    .usage = "[OPTIONS] bash|zsh|fish",
    .summary =
        "Prints a script for your shell, which then completes commands, options, files and\n"
        "models: the aliases of the configuration, and what 'tachikoma models' has listed last.",
    .example = R"(  source <(tachikoma completion bash)
  tachikoma completion zsh > "${fpath[1]}/_tachikoma"
  tachikoma completion fish > ~/.config/fish/completions/tachikoma.fish
)",
    .words = Words::subject,
    .subject = "the name of a shell",
    .run = run_completion};

}  // namespace tachikoma::cli
