// SPDX-License-Identifier: MIT
// The command line's doctor.
#include <regex>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// Tokens that take their time, so that there is a speed to measure.
constexpr char kSteady[] = R"(replies:
  - {when: {contains: lighthouse}, chunks: [a, b, c, d, e, f], delay_per_token: 50ms}
)";

std::string config(const std::string& base_url, const std::string& more = {}) {
  return "providers: {lmstudio: {plugin: lmstudio, base_url: '" + base_url + "'" + more +
         "}}\ndefaults: {model: mistral-7b}\n";
}

// What was measured differs each time, and so do the columns behind it.
std::string without_measurements(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9.]+ tokens/s"), "N tokens/s");
  text = std::regex_replace(text, std::regex("[0-9]+ ms"), "N ms");
  return std::regex_replace(text, std::regex("  +"), "  ");
}

}  // namespace

TEST_CASE("doctor finds nothing in a healthy world, and shows each number with its source", "[cli][doctor]") {
  const Simulator simulator(kSteady);
  const Shell shell(config(simulator.base_url()));
  const Finished doctor = shell.tachikoma({"doctor"});
  CHECK(doctor.exit_code == 0);
  CHECK(doctor.err.empty());
  check_golden("cli/doctor_healthy.txt",
               without_measurements(replace_all(replace_all(doctor.out, simulator.base_url(), "BASE_URL"),
                                                shell.folder().path().string(), "HOME")));
}

TEST_CASE("doctor numbers what it finds, and exits with the code of the worst", "[cli][doctor]") {
  const Simulator simulator("api_key: 'sk-lm-AbCd1234:AbCdEfGhIjKlMnOpQrSt'\n");
  const Shell shell(config(simulator.base_url()));
  const Finished doctor = shell.tachikoma({"doctor"});
  CHECK(doctor.exit_code == 5);
  check_golden("cli/doctor_token.txt", replace_all(doctor.out, simulator.base_url(), "BASE_URL"));
}

TEST_CASE("doctor says what is missing on a machine without LM Studio and without a configuration",
          "[cli][doctor]") {
  const Shell shell;
  const Finished doctor = shell.tachikoma({"doctor"});
  CHECK(doctor.exit_code == 4);
  check_golden("cli/doctor_nothing.txt", replace_all(doctor.out, shell.folder().path().string(), "HOME"));
}

TEST_CASE("doctor has the same as JSON", "[cli][doctor][json]") {
  const Simulator simulator;
  const Shell shell(config(simulator.base_url()));
  const Value whole = json_of(shell.tachikoma({"doctor", "--json", "--no-measure", "lmstudio"}).out);
  CHECK(whole["kind"].as_string() == "doctor");
  const Value& provider = whole["data"]["providers"].elements().at(0);
  CHECK(provider["provider"].as_string() == "lmstudio");
  CHECK(provider["ok"].as_bool());
  CHECK(provider["model"].as_string() == "mistral-7b");
  CHECK(provider["context_length"]["value"].as_integer() == 4096);
  CHECK(provider["tokens_per_second"]["value"].is_null());
  CHECK_THAT(std::string(provider["tokens_per_second"]["basis"].as_string()),
             ContainsSubstring("not measured"));
  CHECK(provider["findings"].elements().empty());
}

TEST_CASE("a finding in JSON has its id, its code, what was seen and the next step", "[cli][doctor][json]") {
  const Shell shell(config("http://127.0.0.1:" + std::to_string(refused_port())));
  const Finished doctor = shell.tachikoma({"doctor", "--json"});
  CHECK(doctor.exit_code == 4);
  const Value whole = json_of(doctor.out);
  const Value& finding = whole["data"]["providers"].elements().at(0)["findings"].elements().at(0);
  CHECK(finding["id"].as_string() == "lmstudio-not-installed");
  CHECK(finding["severity"].as_string() == "error");
  CHECK(finding["code"].as_string() == "unreachable");
  for (const char* key : {"title", "evidence", "fix"}) CHECK_FALSE(finding[key].as_string().empty());
}

TEST_CASE("doctor asks the provider that is named, and knows which there are", "[cli][doctor]") {
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"doctor", "one"}).exit_code == 0);
  const Finished unknown = shell.tachikoma({"doctor", "tree"});
  CHECK(unknown.exit_code == 3);
  CHECK_THAT(unknown.err, ContainsSubstring("no provider 'tree'"));
}
