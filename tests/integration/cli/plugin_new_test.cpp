// SPDX-License-Identifier: MIT
// What `plugin new` refuses, and what it says. tests/readme builds what it writes.
#include <filesystem>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("plugin new writes the files of a project, and prints their names", "[cli][plugin]") {
  const Shell shell;
  const Finished written = shell.tachikoma({"plugin", "new", "my-dice_2", "--kind", "tool"});
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(written.out ==
        "my-dice_2/CMakeLists.txt\nmy-dice_2/README.md\nmy-dice_2/my-dice_2.cpp\nmy-dice_2/schema.json\n"
        "my-dice_2/tachikoma.yaml\nmy-dice_2/test/CMakeLists.txt\nmy-dice_2/test/my-dice_2_test.cpp\n");
  const std::string source = read_file(shell.folder().path() / "my-dice_2/my-dice_2.cpp");
  CHECK_THAT(source, ContainsSubstring("return make_tool(\"my-dice_2\", ") &&
                         ContainsSubstring("registrar.tool(\"my-dice_2\", create)"));
  for (const auto& each : std::filesystem::recursive_directory_iterator(shell.folder().path() / "my-dice_2"))
    if (each.is_regular_file()) CHECK(read_file(each.path()).find('@') == std::string::npos);
}

TEST_CASE("plugin new as JSON names the folder and its files", "[cli][plugin]") {
  const Shell shell;
  const Value written = json_of(shell.tachikoma({"plugin", "new", "dice", "--dir", "a/b/", "--json"}).out);
  CHECK(written["kind"].as_string() == "plugin_new");
  CHECK(written["data"]["folder"].as_string() == "a/b");
  CHECK(written["data"]["files"].elements().size() == 7);
  CHECK(std::filesystem::exists(shell.folder().path() / "a/b/dice.cpp"));
}

TEST_CASE("plugin new refuses names that can't be a plugin's, and says why", "[cli][plugin]") {
  const Shell shell;
  const auto said = [&](const std::string& name) {
    const Finished finished = shell.tachikoma({"plugin", "new", "--", name});
    CHECK(finished.exit_code == 2);
    CHECK(finished.out == "");
    return finished.err;
  };
  for (const std::string name : {"Dice", "2dice", "_dice", "my dice", "../dice", "d\xc3\xa9"})
    CHECK_THAT(said(name), ContainsSubstring("can't be a plugin's name: it starts with a letter"));
  CHECK_THAT(said("openai"), ContainsSubstring("a plugin of that name comes with Tachikoma"));
  CHECK_THAT(said("install"), ContainsSubstring("the build system uses it"));
  CHECK_THAT(said(std::string(49, 'a')), ContainsSubstring("it has 1 to 48 characters"));
  CHECK(std::filesystem::is_empty(shell.folder().path()));
}

TEST_CASE("plugin new never changes what exists", "[cli][plugin]") {
  const Shell shell;
  const std::string file = shell.folder().write("dice", "mine");
  const auto said = [&](const std::vector<std::string>& words) {
    const Finished finished = shell.tachikoma(words);
    CHECK(finished.exit_code == 2);
    return finished.err;
  };
  CHECK_THAT(said({"plugin", "new", "dice"}), ContainsSubstring("'dice' exists already"));
  CHECK(read_file(file) == "mine");
  std::filesystem::create_directory(shell.folder().path() / "empty");
  CHECK_THAT(said({"plugin", "new", "dice", "--dir", "empty"}), ContainsSubstring("'empty' exists already"));
  std::filesystem::create_symlink("nowhere", shell.folder().path() / "link");
  CHECK_THAT(said({"plugin", "new", "dice", "--dir", "link"}), ContainsSubstring("'link' exists already"));
  CHECK_THAT(said({"plugin", "new", "dice", "--dir", "dice/below"}), ContainsSubstring("can't be made: "));
}
