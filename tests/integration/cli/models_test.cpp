// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string lmstudio_at(const std::string& base_url) {
  return "  lmstudio: {plugin: lmstudio, base_url: '" + base_url + "'}\n";
}

// Nothing listens there: the port of a simulator that has ended.
std::string dead_url() { return Simulator().base_url(); }

const std::string kEcho = "  echo: {plugin: echo, models: [parrot]}\n";

}  // namespace

TEST_CASE("models prints every model of a server with what is known of it", "[cli][models]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()) + kEcho);
  const Finished listed = shell.tachikoma({"models"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.err.empty());
  check_golden("cli/models.txt", listed.out);
}

TEST_CASE("models can be narrowed to loaded ones and to names", "[cli][models]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()));
  CHECK(shell.tachikoma({"models", "--names", "--loaded"}).out ==
        "lmstudio::openai/gpt-oss-20b\nlmstudio::mistral-7b\n");
  CHECK_THAT(shell.tachikoma({"models", "--names"}).out, ContainsSubstring("lmstudio::huge\n"));
}

TEST_CASE("models --json has every number with its source", "[cli][models][json]") {
  const Simulator simulator;
  const Shell shell("providers:\n" + lmstudio_at(simulator.base_url()) + kEcho);
  const Value whole = json_of(shell.tachikoma({"models", "--json"}).out);
  CHECK(whole["schema_version"].as_integer() == 1);
  CHECK(whole["kind"].as_string() == "models");
  CHECK(whole["data"]["failures"].elements().empty());
  const Value& model = whole["data"]["models"].elements().at(0);
  CHECK(model["address"].as_string() == "lmstudio::openai/gpt-oss-20b");
  CHECK(model["provider"].as_string() == "lmstudio");
  CHECK(model["key"].as_string() == "openai/gpt-oss-20b");
  CHECK(model["display_name"].as_string() == "GPT-OSS 20B");
  CHECK(model["quantization"].as_string() == "MXFP4");
  CHECK(model["state"].as_string() == "loaded");
  CHECK(model["size_bytes"]["value"].as_integer() == 12109566560);
  CHECK(model["size_bytes"]["unit"].as_string() == "bytes");
  CHECK(model["size_bytes"]["source"].as_string() == "reported");
  CHECK(model["context_length"]["value"].as_integer() == 16384);
  CHECK(model["max_context_length"]["value"].as_integer() == 131072);
  CHECK(model["capabilities"]["tool_use"].as_bool());
  const Value& parrot = whole["data"]["models"].elements().back();
  CHECK(parrot["size_bytes"]["source"].as_string() == "unknown");
  CHECK(parrot["size_bytes"]["value"].is_null());
}

TEST_CASE("a server that can't be asked is told of, and the others are listed", "[cli][models]") {
  const Shell shell("providers:\n" + lmstudio_at(dead_url()) + kEcho);
  const Finished listed = shell.tachikoma({"models", "--names"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out == "echo::parrot\n");
  CHECK_THAT(listed.err, StartsWith("tachikoma: ") && ContainsSubstring("lmstudio: no server answers"));
  const Value data = json_of(shell.tachikoma({"models", "--json"}).out)["data"];
  CHECK(data["failures"].elements().at(0)["provider"].as_string() == "lmstudio");
  CHECK(data["failures"].elements().at(0)["error"]["exit"].as_integer() == 4);
}

TEST_CASE("models is exit 4 when no server can be asked", "[cli][models]") {
  const Shell shell("providers:\n" + lmstudio_at(dead_url()));
  const Finished listed = shell.tachikoma({"models"});
  CHECK(listed.exit_code == 4);
  CHECK(listed.out.empty());
  CHECK_THAT(listed.err, ContainsSubstring("hint: "));
}

TEST_CASE("without a configuration the LM Studio of this machine is used", "[cli][models]") {
  const Simulator simulator;
  const Shell shell;
  Command command = shell.command({"models", "--names", "--loaded"});
  command.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", std::to_string(simulator.port()));
  const Finished listed = run(command);
  INFO(listed.err);
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.out, ContainsSubstring("lmstudio::mistral-7b\n"));
}

TEST_CASE("without a configuration and without LM Studio it is exit 4, with what to do", "[cli][models]") {
  const Shell shell;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"models"}, {"ask", "hello"}, {"chat"}, {"status"}}) {
    const Finished failed = shell.tachikoma(words);
    INFO(words[0]);
    CHECK(failed.exit_code == 4);
    CHECK(failed.out.empty());
    if (words[0] == "ask")
      check_golden("cli/nothing_found.txt", replace_all(failed.err, shell.folder().path().string(), "HOME"));
  }
}
