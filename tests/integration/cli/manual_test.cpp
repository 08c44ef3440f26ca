// SPDX-License-Identifier: MIT
// The manual pages of the build, as the programs that show and index them read them.
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string page(const std::string& name) { return TACHIKOMA_BINARY_DIR "/man/" + name; }

}  // namespace

TEST_CASE("man, its index and mandoc understand every page", "[cli][manual]") {
  const Shell shell;
  for (const char* name : {"tachikoma.1", "tachikoma.yaml.5", "tachikoma-plugin.7"}) {
    INFO(name);
    const Finished shown = shell.bash("MANWIDTH=80 man --warnings -l " + page(name) + " | col -b");
    CHECK(shown.exit_code == 0);
    CHECK(shown.err.empty());
    CHECK_THAT(shown.out, ContainsSubstring("NAME") && ContainsSubstring("SEE ALSO"));
    const std::string stem(name, std::string(name).rfind('.'));
    const Finished indexed = shell.bash("lexgrog " + page(name));
    CHECK(indexed.exit_code == 0);
    CHECK_THAT(indexed.out, ContainsSubstring("\"" + stem + " - "));
    // a page that the build makes has no date
    const Finished judged =
        shell.bash("mandoc -Tlint -Wwarning " + page(name) + " | grep -v 'missing date'; true");
    CHECK(judged.out.empty());
  }
}

TEST_CASE("the page of the command has every option of every command", "[cli][manual]") {
  const Shell shell;
  const std::string manual =
      shell.bash("MANWIDTH=500 MAN_KEEP_FORMATTING= man -l " + page("tachikoma.1") + " | col -b").out;
  for (const char* verb : {"ask", "chat", "load", "pick", "config init", "log stats"}) {
    CHECK_THAT(manual, ContainsSubstring("tachikoma " + std::string(verb) + " [OPTIONS]"));
    const std::string options =
        shell.bash("tachikoma " + std::string(verb) + " --help | grep -o -e '--[a-z][a-z-]*' | sort -u").out;
    std::size_t from = 0;
    for (std::size_t end = options.find('\n'); end != std::string::npos; end = options.find('\n', from)) {
      CHECK_THAT(manual, ContainsSubstring(options.substr(from, end - from)));
      from = end + 1;
    }
  }
}

TEST_CASE("the page of the configuration has the keys of the host and of the plugins", "[cli][manual]") {
  const Shell shell;
  const std::string manual = shell.bash("MANWIDTH=500 man -l " + page("tachikoma.yaml.5") + " | col -b").out;
  for (const char* key :
       {"models.ALIAS.system (string)", "defaults.embedding_model (string)", "providers.ID.eject_for",
        "With the plugin lmstudio:", "providers.ID.models_dir (string)", "memory.patience",
        "cache.max_size (string or integer)", "tools.ID.approved (boolean)"})
    CHECK_THAT(manual, ContainsSubstring(key));
}
