// SPDX-License-Identifier: MIT
// A plugin that is refused before its note is read is known by its file's name alone. If its component is
// called otherwise, the message said that no plugin provides that, and not that one was refused, and why. And
// `plugin list`, which says so, failed with the configuration that it was to explain.
#include <filesystem>

#include "integration/cli/shell.hpp"
#include "integration/plugins/plugin_support.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

/// A configuration that needs a component of a plugin which others can write.
struct Untrusted {
  Shell shell{"providers: {p: {plugin: throws-int}}\nplugins: {paths: [mine]}\n"};
  std::string file = shell.folder().write("mine/acme_tools.so", read_file(bad_plugin("throws_int")));
  Untrusted() { fs::permissions(file, fs::perms::others_write, fs::perm_options::add); }
};

}  // namespace

TEST_CASE(
    "a component that no usable plugin provides is not found, and every refused plugin is named with its "
    "reason",
    "[cli][plugin]") {
  const Untrusted world;
  world.shell.folder().write("mine/text.so", "no library");
  const Finished asked = world.shell.tachikoma({"ask", "-m", "p::any", "Hi"});
  CHECK(asked.exit_code == 3);
  CHECK_THAT(asked.err, ContainsSubstring("no plugin provides the provider 'throws-int'; searched ") &&
                            ContainsSubstring(
                                "; it may be among those that are refused: plugin 'acme_tools' refused: '" +
                                world.file + "' is writable by everyone; plugin 'text' refused: ") &&
                            ContainsSubstring("; chmod o-w '" + world.file + "'"));
  const Finished info = world.shell.tachikoma({"plugin", "info", "throws_int"});
  CHECK(info.exit_code == 10);
  CHECK_THAT(info.err, ContainsSubstring("plugin 'acme_tools' refused: '" + world.file + "'"));
}

TEST_CASE("plugin list works with a configuration that has errors, named or found", "[cli][plugin]") {
  const Untrusted world;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"plugin", "list"}, {"plugin", "list", "--config", "tachikoma.yaml"}}) {
    const Finished listed = world.shell.tachikoma(words);
    CHECK(listed.exit_code == 0);
    CHECK_THAT(listed.out, ContainsSubstring("acme_tools") && ContainsSubstring("is writable by everyone") &&
                               ContainsSubstring("provider:echo"));
    CHECK_THAT(listed.err, ContainsSubstring("'tachikoma.yaml' has errors"));
    CHECK(listed.err.find("not searched") == std::string::npos);
  }
  CHECK(world.shell.tachikoma({"plugin", "list", "--config", "nowhere.yaml"}).exit_code == 3);
}

TEST_CASE("plugin list works with what is no configuration at all", "[cli][plugin]") {
  const std::string text = GENERATE("providers: [", "\"unclosed", "a: b\n---\nc: d\n", "");
  const Shell shell;
  shell.folder().write("tachikoma.yaml", text);
  const Finished listed = shell.tachikoma({"plugin", "list", "--json"});
  CHECK(listed.exit_code == 0);
  CHECK_FALSE(json_of(listed.out)["data"]["plugins"].elements().empty());
  CHECK_THAT(listed.err, ContainsSubstring("plugin folders that it names are not searched"));
}
