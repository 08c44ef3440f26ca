// SPDX-License-Identifier: MIT
// `config show` printed "${" as it was meant, which reads as a variable, and keys such as `null` without
// quotes; and it took no file.
#include <sstream>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// Without the comments that say where each value is from.
std::string values_of(const std::string& shown) {
  std::istringstream lines(shown);
  std::string values;
  for (std::string line; std::getline(lines, line);) values += line.substr(0, line.find("  # ")) + "\n";
  return values;
}

constexpr char kTricky[] = R"(providers:
  echo:
    plugin: echo
    reasoning: "$${HOME} costs $5, a # sign: and \"quotes\" \\ \u202e \ud83d\ude00"
    models: ["$${X}", 'it''s', "a: b", "- c", "yes", "5", "~", "tab\there"]
models:
  "null": {provider: echo, key: "$${Y:-z}"}
  "-": {provider: echo, key: x, temperature: 1e-7, stop: ["${", "---"]}
  "true": {provider: echo, key: y, stop: "$${"}
  "5": {provider: echo, key: z, extra: {"": "", "a b": [1, {"c": [], "d": {}}], "${": 1.5}}
  "été #1: x": {provider: echo, key: w, ttl: 90s}
policy: {retry: {backoff: 1h30m}}
)";

}  // namespace

TEST_CASE("what config show prints is the same configuration again", "[cli][config]") {
  std::string text = kTricky;
  // a bare "${" is an error of its own; the tricky file writes it as the reader wants it
  for (std::size_t at = 0; (at = text.find("\"${\"", at)) != std::string::npos; at += 5)
    text.insert(at + 1, "$");
  const Shell shell;
  shell.folder().write("given.yaml", text);
  const Finished shown = shell.tachikoma({"config", "show", "given.yaml"});
  INFO(shown.out << shown.err);
  REQUIRE(shown.exit_code == 0);
  shell.folder().write("again.yaml", shown.out);
  const Finished again = shell.tachikoma({"config", "show", "again.yaml"});
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK(values_of(again.out) == values_of(shown.out));
  const auto effective = [&](const std::string& file) {
    return json_of(shell.tachikoma({"config", "show", "--json", file}).out)["data"]["effective"];
  };
  CHECK(effective("again.yaml") == effective("given.yaml"));
}

TEST_CASE("config show shows the file that it is given", "[cli][config]") {
  const Shell shell(kEchoes);
  shell.folder().write("other.yaml", "providers: {echo: {models: [mine]}}\n");
  const Finished shown = shell.tachikoma({"config", "show", "other.yaml"});
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("models: [\"mine\"]  # other.yaml:1:"));
  CHECK(shell.tachikoma({"config", "show", "nowhere.yaml"}).exit_code == 3);
}
