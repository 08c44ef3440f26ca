// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <elf.h>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kPlugins = TACHIKOMA_BINARY_DIR "/plugins";
const std::string kBadPlugins = TACHIKOMA_BINARY_DIR "/test-plugins/";

Value find_named(const Value& list, std::string_view name) {
  for (const Value& each : list.elements())
    if (each["name"].as_string() == name) return each;
  return {};
}

}  // namespace

TEST_CASE("plugin list shows the plugins that came with the program, without any setting", "[cli][plugin]") {
  const Shell shell;
  const Finished listed = shell.tachikoma({"plugin", "list"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.err.empty());
  CHECK_THAT(listed.out, StartsWith("NAME ") && ContainsSubstring("provider:echo tool:echo monitor:echo") &&
                             ContainsSubstring("provider:lmstudio") && ContainsSubstring("provider:openai"));
}

TEST_CASE("plugin list --json has every note", "[cli][plugin][json]") {
  const Shell shell;
  const Value whole = json_of(shell.tachikoma({"plugin", "list", "--json"}).out);
  CHECK(whole["schema_version"].as_integer() == 1);
  CHECK(whole["kind"].as_string() == "plugins");
  CHECK_FALSE(whole["data"]["search_path"].elements().empty());
  const Value echo = find_named(whole["data"]["plugins"], "echo");
  CHECK(echo["status"].as_string() == "ok");
  CHECK(echo["file"].as_string() == kPlugins + "/echo.so");
  CHECK(echo["provides"].elements().size() == 3);
  CHECK(echo["refused"].is_null());
}

TEST_CASE("plugin list shows what is refused or shadowed, and why", "[cli][plugin]") {
  const Shell shell;
  shell.folder().write("mine/broken.so", "this is no library");
  const Finished copied = shell.bash("cp '" + kPlugins + "/echo.so' mine/");
  REQUIRE(copied.exit_code == 0);
  const Finished listed = shell.tachikoma({"plugin", "list", "--plugin-path", "mine"});
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.out, ContainsSubstring("broken      -        refused"));
  CHECK_THAT(listed.out, ContainsSubstring("/mine/broken.so: ") && ContainsSubstring("shadowed"));
  CHECK_THAT(listed.out, ContainsSubstring("/mine/echo.so is found earlier"));
}

TEST_CASE("--plugin-path is searched by every verb", "[cli][plugin]") {
  const Shell shell("providers: {odd: {plugin: careless}}\n");
  shell.folder().write("a:b/README", "");
  REQUIRE(shell.bash("cp '" + kBadPlugins + "misbehaves/misbehaves.so' a:b/").exit_code == 0);
  const auto told = [&](const std::vector<std::string>& words) {
    const std::string err = shell.tachikoma(words).err;  // the plugin's failures show that it was found
    return err.find("no list") != std::string::npos || err.find("the server said") != std::string::npos;
  };
  CHECK_FALSE(told({"ask", "-m", "odd::any", "Hi"}));
  CHECK(told({"ask", "--plugin-path", "a:b", "-m", "odd::any", "Hi"}));
  CHECK(shell.tachikoma({"config", "check"}).exit_code != 0);
  CHECK(shell.tachikoma({"config", "check", "--plugin-path", "a:b"}).exit_code == 0);
}

TEST_CASE("plugin info shows the whole note of a plugin, by name or by file", "[cli][plugin]") {
  const Shell shell;
  const Finished named = shell.tachikoma({"plugin", "info", "echo"});
  CHECK(named.exit_code == 0);
  CHECK_THAT(named.out, StartsWith("name         echo\n") && ContainsSubstring("settings of provider:echo"));
  CHECK(shell.tachikoma({"plugin", "info", kPlugins + "/echo.so"}).out == named.out);
  const Value data = json_of(shell.tachikoma({"plugin", "info", "--json", "echo"}).out)["data"];
  CHECK(data["name"].as_string() == "echo");
  CHECK(data["config_schema"]["provider:echo"]["type"].as_string() == "object");
}

TEST_CASE("a plugin that is refused is exit 10, with the reason", "[cli][plugin]") {
  const Shell shell;
  shell.folder().write("broken.so", "this is no library");
  const Finished refused = shell.tachikoma({"plugin", "info", "./broken.so"});
  CHECK(refused.exit_code == 10);
  CHECK_THAT(refused.err, StartsWith("tachikoma: plugin 'broken' refused: "));
  const Finished unknown = shell.tachikoma({"plugin", "info", "ecko"});
  CHECK(unknown.exit_code == 10);
  CHECK_THAT(unknown.err, ContainsSubstring("ecko") && ContainsSubstring("'echo'"));
}

TEST_CASE("a configuration that names a bad plugin is exit 10 with the reason, and the program goes on",
          "[cli][plugin]") {
  const auto [fixture, reason] = GENERATE(table<std::string, std::string>({
      {"no_note", "plugin 'no_note' refused: "},
      {"other_abi", "plugin 'other_abi' refused: built for plugin ABI 2, this host speaks 0"},
      {"old_string", "plugin 'old_string' refused: its std::string layout differs"},
      {"undefined_symbol", "plugin 'undefined_symbol' cannot load: undefined symbol "},
      {"throws_in_factory", "plugin fault: factory() threw \"no device found\""},
      {"throws_int", "plugin fault: chat() threw a value of type 'int'"},
      {"truncated", "plugin 'truncated' refused: the file is cut short"},
      {"wrong_machine", "plugin 'wrong_machine' refused: the file is for aarch64, this machine is x86-64"},
  }));
  std::string id = fixture;
  std::replace(id.begin(), id.end(), '_', '-');
  const Shell shell("providers:\n  p: {plugin: " + id + "}\nplugins: {paths: [mine]}\n");
  const bool made_here = fixture == "truncated" || fixture == "wrong_machine";
  std::string bytes =
      read_file(made_here ? kPlugins + "/echo.so" : kBadPlugins + fixture + "/" + fixture + ".so");
  if (fixture == "truncated") bytes.resize(bytes.size() / 2);
  if (fixture == "wrong_machine") bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_AARCH64);
  shell.folder().write("mine/" + fixture + ".so", bytes);
  INFO(fixture);
  const Finished asked = shell.tachikoma({"ask", "-m", "p::any", "Hello"});
  CHECK(asked.exit_code == 10);
  CHECK_THAT(asked.err, StartsWith("tachikoma: ") && ContainsSubstring(reason));
  CHECK(asked.out.empty());
}

TEST_CASE("a broken configuration does not hide the plugins, even if it is named", "[cli][plugin]") {
  const Shell shell("providers: 5\n");
  const Finished listed = shell.tachikoma({"plugin", "list"});
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.out, ContainsSubstring("provider:echo"));
  CHECK_THAT(listed.err, ContainsSubstring("warning: 'tachikoma.yaml' has errors"));
  CHECK(shell.tachikoma({"plugin", "list", "--config", "tachikoma.yaml"}).exit_code == 0);
}
