// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("status says of every provider what it is, and which model is chosen", "[cli][status]") {
  const Simulator simulator;
  const Shell shell("providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}\n  echo: {plugin: echo}\nmodels: {small: {provider: lmstudio, key: mistral-7b}}\n"
                    "defaults: {model: small}\n");
  const Finished status = shell.tachikoma({"status"});
  CHECK(status.exit_code == 0);
  CHECK(status.err.empty());
  check_golden("cli/status.txt", replace_all(status.out, simulator.base_url(), "BASE_URL"));
}

TEST_CASE("status has the same as JSON", "[cli][status][json]") {
  const Simulator simulator;
  const Shell shell("providers: {lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}}\ndefaults: {model: mistral-7b}\n");
  const Value whole = json_of(shell.tachikoma({"status", "--json"}).out);
  CHECK(whole["kind"].as_string() == "status");
  const Value& provider = whole["data"]["providers"].elements().at(0);
  CHECK(provider["id"].as_string() == "lmstudio");
  CHECK(provider["plugin"].as_string() == "lmstudio");
  CHECK(provider["ok"].as_bool());
  CHECK(provider["error"].is_null());
  CHECK(provider["health"]["server"].as_string() == "LM Studio");
  CHECK_THAT(std::string(provider["health"]["base_url"].as_string()), StartsWith(simulator.base_url()));
  CHECK(whole["data"]["model"]["selected"].as_string() == "mistral-7b");
  CHECK(whole["data"]["model"]["name"].as_string() == "mistral-7b");
}

TEST_CASE("that no model is in memory is no fault where none was chosen", "[cli][status]") {
  const Simulator simulator("models: [{key: a}]\n");
  const std::string provider =
      "providers: {lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n";
  const Finished status = Shell(provider).tachikoma({"status"});
  CHECK(status.exit_code == 0);
  CHECK_THAT(status.out, ContainsSubstring("\nmodel: none is chosen"));
  CHECK(Shell(provider + "defaults: {model: 'lmstudio::current'}\n").tachikoma({"status"}).exit_code == 6);
}

TEST_CASE("a server that does not answer is exit 4, and the others are shown all the same", "[cli][status]") {
  const std::string dead = Simulator().base_url();
  const Shell shell("providers:\n  gone: {plugin: lmstudio, base_url: '" + dead +
                    "'}\n  echo: {plugin: echo}\ndefaults: {model: 'echo::echo-small'}\n");
  const Finished status = shell.tachikoma({"status"});
  CHECK(status.exit_code == 4);
  CHECK_THAT(status.out,
             StartsWith("gone: ") && ContainsSubstring("  hint: ") && ContainsSubstring("\necho: "));
  const Finished as_json = shell.tachikoma({"status", "--json"});
  CHECK(as_json.exit_code == 4);
  const Value provider = json_of(as_json.out)["data"]["providers"].elements().at(0);
  CHECK_FALSE(provider["ok"].as_bool(true));
  CHECK(provider["error"]["code"].as_string() == "unreachable");
}
