// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("config check says that a file is right", "[cli][config]") {
  const Shell shell(kEchoes);
  const Finished checked = shell.tachikoma({"config", "check"});
  CHECK(checked.exit_code == 0);
  CHECK(checked.out == "tachikoma.yaml: ok\n");
  CHECK(checked.err.empty());
  const Value data = json_of(shell.tachikoma({"config", "check", "--json", "tachikoma.yaml"}).out)["data"];
  CHECK(data["ok"].as_bool());
  CHECK(data["warnings"].is_array());
}

TEST_CASE("config check names every error with its place, and is exit 3", "[cli][config]") {
  const Shell shell;
  shell.folder().write("app.yaml",
                       "providers:\n  one: {plugin: ehco}\n  two: {plugin: echo, modles: [a]}\nmodell: {}\n");
  const Finished checked = shell.tachikoma({"config", "check", "app.yaml"});
  CHECK(checked.exit_code == 3);
  CHECK(checked.out.empty());
  CHECK_THAT(checked.err, ContainsSubstring("app.yaml:2:") && ContainsSubstring("app.yaml:3:") &&
                              ContainsSubstring("app.yaml:4:1: ") && ContainsSubstring("'models'"));
  const Finished as_json = shell.tachikoma({"config", "check", "--json", "app.yaml"});
  CHECK(as_json.exit_code == 3);
  const Value error = json_of(as_json.err)["error"];
  CHECK(error["code"].as_string() == "config_invalid");
  CHECK(error["detail"]["errors"].elements().size() == 3);
}

TEST_CASE("every command that needs the configuration is exit 3 when it is broken", "[cli][config]") {
  const Shell shell("providers: 5\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"ask", "hello"},
                                                {"chat"},
                                                {"models"},
                                                {"status"},
                                                {"config", "show"},
                                                {"config", "check"}}) {
    INFO(words[0]);
    const Finished failed = shell.tachikoma(words);
    CHECK(failed.exit_code == 3);
    CHECK(failed.out.empty());
    CHECK_THAT(failed.err, StartsWith("tachikoma: tachikoma.yaml:1:"));
  }
}

TEST_CASE("config show prints every value, where it came from, and no secret", "[cli][config]") {
  const Shell shell(
      "providers:\n  lmstudio:\n    plugin: lmstudio\n    base_url: http://127.0.0.1:1234\n"
      "    api_key: ${TEST_KEY}\ndefaults: {model: 'lmstudio::current'}\n");
  Command command = shell.command({"config", "show"});
  command.env.emplace_back("TEST_KEY", "hush-hush");
  const Finished shown = run(command);
  INFO(shown.err);
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out,
             ContainsSubstring("    base_url: \"http://127.0.0.1:1234\"  # tachikoma.yaml:4:15\n"));
  CHECK_THAT(shown.out, ContainsSubstring("# environment TEST_KEY") || ContainsSubstring("TEST_KEY"));
  CHECK_THAT(shown.out, ContainsSubstring("  model: \"lmstudio::current\"  # tachikoma.yaml:6:"));
  CHECK(shown.out.find("hush") == std::string::npos);
  command.argv.push_back("--json");
  const Finished as_json = run(command);
  CHECK(as_json.out.find("hush") == std::string::npos);
  const Value data = json_of(as_json.out)["data"];
  CHECK(data["effective"]["providers"]["lmstudio"]["plugin"].as_string() == "lmstudio");
  CHECK(data["origins"].elements().at(0)["pointer"].is_string());
  CHECK(data["origins"].elements().at(0)["place"].is_string());
}

TEST_CASE("what config show prints is a configuration again", "[cli][config]") {
  const Shell shell(kEchoes);
  const Finished shown = shell.tachikoma({"config", "show"});
  REQUIRE(shown.exit_code == 0);
  shell.folder().write("again.yaml", shown.out);
  const Finished checked = shell.tachikoma({"config", "check", "again.yaml"});
  INFO(shown.out << checked.err);
  CHECK(checked.exit_code == 0);
}

TEST_CASE("config path prints the file that is used, or where it looked", "[cli][config]") {
  const Shell shell;
  const Finished none = shell.tachikoma({"config", "path"});
  CHECK(none.exit_code == 3);
  CHECK_THAT(none.err, ContainsSubstring("tachikoma.yaml"));
  const std::string home = shell.folder().write(".config/tachikoma/tachikoma.yaml", kEchoes);
  CHECK(shell.tachikoma({"config", "path"}).out == home + "\n");
  shell.folder().write("tachikoma.yaml", kEchoes);
  CHECK(shell.tachikoma({"config", "path"}).out == "tachikoma.yaml\n");
  CHECK(json_of(shell.tachikoma({"config", "path", "--json"}).out)["data"]["file"].as_string() ==
        "tachikoma.yaml");
  CHECK(shell.tachikoma({"config", "path", "--config", "nowhere.yaml"}).exit_code == 3);
}

TEST_CASE("a configuration that is named and missing is an error, not a reason to look further",
          "[cli][config]") {
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"ask", "--config", "nowhere.yaml", "hello"}).exit_code == 3);
  Command command = shell.command({"models"});
  command.env.emplace_back("TACHIKOMA_CONFIG", "nowhere.yaml");
  CHECK(run(command).exit_code == 3);
}
