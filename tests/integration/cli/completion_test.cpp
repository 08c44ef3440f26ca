// SPDX-License-Identifier: MIT
// The completions in the shells themselves.
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kNamed[] = R"(providers:
  one: {plugin: echo, models: [alpha, "org/beta:7b"]}
models:
  short: {key: alpha}
tools: {parrot: {plugin: echo}}
)";

/// A user whose shells complete tachikoma.
struct Completing : Shell {
  Completing() : Shell(kNamed) {
    for (const char* name : {"bash", "zsh", "fish"})
      folder().write(std::string("completion.") + name, tachikoma({"completion", name}).out);
  }

  std::string bash_says(const std::string& line) const {
    return bash("source completion.bash; COMP_LINE='" + line +
                "'; COMP_POINT=${#COMP_LINE}; _tachikoma 2> errors; printf '%s\\n' \"${COMPREPLY[@]}\"")
        .out;
  }
  // What the script gives to zsh's own function for candidates, with their descriptions.
  std::string zsh_says(const std::string& words) const {
    folder().write(
        "ask.zsh",
        "compdef() {}\n_describe() { print -rl -- \"${(@P)4}\" }\n_files() { print files \"$@\" }\n"
        "source completion.zsh\nwords=(" +
            words + ")\nCURRENT=${#words}\n_tachikoma\n");
    return bash("zsh -f ask.zsh").out;
  }
  std::string fish_says(const std::string& line) const {
    return bash("fish --no-config -c \"source completion.fish; complete -C'" + line + "'\"").out;
  }
};

}  // namespace

TEST_CASE("bash completes commands, options, their values, and models", "[cli][completion]") {
  const Completing user;
  CHECK(user.bash_says("tachikoma lo") == "load\nlog\n");
  CHECK(user.bash_says("tachikoma config sh") == "show\n");
  CHECK(user.bash_says("tachikoma ask --th") == "--think\n");
  CHECK(user.bash_says("tachikoma ask --think ") == "hide\nshow\nonly\n");
  CHECK(user.bash_says("tachikoma ask --tool ") == "parrot\n");
  CHECK(user.bash_says("tachikoma doctor ") == "one\n");
  CHECK(user.bash_says("tachikoma completion z") == "zsh\n");
  CHECK(user.bash_says("tachikoma ask -m ") == "short\n");
  CHECK(user.bash_says("tachikoma ask \"a question\" --eff") == "--effort\n");
  CHECK(user.bash_says("tachikoma ask -- --eff") == "\n");
  REQUIRE(user.tachikoma({"models"}).exit_code == 0);
  CHECK(user.bash_says("tachikoma load ") == "short\none::alpha\none::org/beta:7b\n");
  // bash has what is before the last colon already
  CHECK(user.bash_says("tachikoma load one::a") == "alpha\n");
  CHECK(user.bash_says("tachikoma load one::org/beta:") == "7b\n");
  CHECK(user.bash_says("tachikoma ask --model=sh") == "short\n");
}

TEST_CASE("zsh gets the same, each with what it is", "[cli][completion]") {
  const Completing user;
  REQUIRE(user.tachikoma({"models"}).exit_code == 0);
  CHECK(user.zsh_says("tachikoma pi") == "pick:Chooses a model by task and memory\n");
  CHECK(user.zsh_says("tachikoma load one::a") == "one\\:\\:alpha:a model\n");
  CHECK(user.zsh_says("tachikoma ask -m sh") == "short:one::alpha\n");
  CHECK(user.zsh_says("tachikoma config check ''") == "files\n");
}

TEST_CASE("zsh completes what is typed at its prompt", "[cli][completion]") {
  const Completing user;
  // zpty -r waits for what it is to match
  user.folder().write("type.zsh", R"zsh(zmodload zsh/zpty
zpty shell "TERM=dumb zsh -f -i"
zpty -w shell "autoload -U compinit; compinit -u -D; source completion.zsh; print READY-\$((1+1))"
zpty -r shell out '*READY-2*'
zpty -w -n shell $'tachikoma pic\t'
zpty -r shell out '*tachikoma pick *'
print -r -- "${out##*tachikoma}"
)zsh");
  const Finished typed = user.bash("zsh -f type.zsh");
  CHECK(typed.exit_code == 0);
  CHECK(typed.out == " pick \n");
}

TEST_CASE("fish completes the line by itself", "[cli][completion]") {
  const Completing user;
  REQUIRE(user.tachikoma({"models"}).exit_code == 0);
  user.folder().write("notes.txt", "text");
  CHECK(user.fish_says("tachikoma pi") == "pick\tChooses a model by task and memory\n");
  CHECK(user.fish_says("tachikoma load one::a") == "one::alpha\ta model\n");
  CHECK(user.fish_says("tachikoma ask --think ") == "hide\nonly\nshow\n");
  CHECK_THAT(user.fish_says("tachikoma ask -f no"), ContainsSubstring("notes.txt"));
}

TEST_CASE("what a listing could not ask about is still completed, and what is gone is not",
          "[cli][completion]") {
  const Completing user;
  user.folder().write("tachikoma.yaml",
                      "providers:\n  one: {plugin: echo, models: [alpha]}\n"
                      "  far: {plugin: openai, base_url: 'http://127.0.0.1:9/v1'}\n");
  user.folder().write(".local/state/tachikoma/models", "far::m\none::old\nother::x\n");
  REQUIRE(user.tachikoma({"models"}).exit_code == 0);
  CHECK(user.bash_says("tachikoma load ") == "far::m\none::alpha\n");
  CHECK(read_file(user.folder().path() / ".local/state/tachikoma/models") ==
        "far::m\none::alpha\nother::x\n");
}

TEST_CASE("completion asks no server, and needs no configuration that is right", "[cli][completion]") {
  const Completing user;
  user.folder().write(
      "tachikoma.yaml",
      "providers: {far: {plugin: openai, base_url: 'http://127.0.0.1:9/v1'}}\nmodels: {x: {key: y}}\n");
  CHECK(user.bash_says("tachikoma load ") == "x\n");
  user.folder().write("tachikoma.yaml", "providers: 5\n");
  CHECK(user.bash_says("tachikoma load ") == "\n");
  CHECK(user.bash_says("tachikoma ask --eff") == "--effort\n");
}

TEST_CASE("there is a completion for three shells", "[cli][completion]") {
  const Shell shell;
  const Finished other = shell.tachikoma({"completion", "csh"});
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err, ContainsSubstring("bash, zsh and fish"));
}
