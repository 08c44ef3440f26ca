// SPDX-License-Identifier: MIT
#include <filesystem>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string file_of(const Shell& shell) {
  return (shell.folder().path() / ".config/tachikoma/tachikoma.yaml").string();
}

}  // namespace

TEST_CASE("config init writes the servers that answer, with their models, and it can be used at once",
          "[cli][config][init]") {
  const Simulator simulator;
  const Shell shell;
  Command init = shell.command({"config", "init"});
  init.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", std::to_string(simulator.port()));
  const Finished written = run(init);
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(written.out == file_of(shell) + "\n");
  CHECK_THAT(written.err, ContainsSubstring("tachikoma: found LM Studio"));
  const std::string text = read_file(file_of(shell));
  CHECK_THAT(text, ContainsSubstring("  # LM Studio") && ContainsSubstring("    base_url: auto\n"));
  CHECK_THAT(text, ContainsSubstring("  mistral-7b: {provider: lmstudio, key: \"mistral-7b\"}  # ") &&
                       ContainsSubstring("in memory"));
  CHECK_THAT(text, ContainsSubstring("  embedding_model: \"text-embedding-nomic-embed-text-v1.5\"\n"));
  CHECK(shell.tachikoma({"config", "check"}).out == file_of(shell) + ": ok\n");
  Command ask = shell.command({"ask", "-m", "mistral-7b", "Hello"});
  ask.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", std::to_string(simulator.port()));
  CHECK(run(ask).exit_code == 0);
}

TEST_CASE("config init looks at other servers too, and finds out what they are", "[cli][config][init]") {
  const Simulator simulator;
  const Shell shell;
  const Finished written = shell.tachikoma({"config", "init", "--server", simulator.base_url(), "mine.yaml"});
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(written.out == "mine.yaml\n");
  CHECK_THAT(read_file(shell.folder().path() / "mine.yaml"),
             ContainsSubstring("plugin: lmstudio\n    base_url: \"" + simulator.base_url() + "\""));
  CHECK(shell.tachikoma({"config", "check", "mine.yaml"}).exit_code == 0);
  const Finished silent = shell.tachikoma({"config", "init", "--server", "http://127.0.0.1:9", "far.yaml"});
  CHECK(silent.exit_code == 4);
  CHECK_FALSE(std::filesystem::exists(shell.folder().path() / "far.yaml"));
}

TEST_CASE("config init uses GGUF files if llama-server is there to run them", "[cli][config][init]") {
  const Shell shell;
  GgufFolder files;
  files.add_model("tiny.gguf");
  std::filesystem::create_directory(shell.folder().path() / "models");
  std::filesystem::copy(files.path("tiny.gguf"), shell.folder().path() / "models/tiny.gguf");
  REQUIRE(shell.tachikoma({"config", "init", "without.yaml"}).exit_code == 0);
  CHECK_THAT(read_file(shell.folder().path() / "without.yaml"),
             ContainsSubstring("# ~/models has GGUF files"));
  const std::string server = shell.folder().write("bin/llama-server", "#!/bin/sh\n");
  std::filesystem::permissions(server, std::filesystem::perms::owner_all);
  const Finished written = shell.bash("PATH=$PWD/bin:$PATH tachikoma config init with.yaml");
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK_THAT(read_file(shell.folder().path() / "with.yaml"),
             ContainsSubstring("    plugin: llamacpp\n    models_dir: \"~/models\"\n"));
  CHECK(shell.tachikoma({"config", "check", "with.yaml"}).exit_code == 0);
}

TEST_CASE("config init changes no file that exists", "[cli][config][init]") {
  const Shell shell(kEchoes);
  const Finished refused = shell.tachikoma({"config", "init", "tachikoma.yaml"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("'tachikoma.yaml' exists already"));
  CHECK(read_file(shell.folder().path() / "tachikoma.yaml") == kEchoes);
}

TEST_CASE("config show prints where values are from, unless they are not wanted", "[cli][config]") {
  const Shell shell(kEchoes);
  const Finished with = shell.tachikoma({"config", "show", "--origin"});
  CHECK(with.out == shell.tachikoma({"config", "show"}).out);
  CHECK_THAT(with.out, ContainsSubstring("# tachikoma.yaml:") && ContainsSubstring("# default"));
  CHECK(shell.tachikoma({"config", "show", "--no-origin"}).out.find('#') == std::string::npos);
}

TEST_CASE("config schema prints a JSON Schema that another validator understands as we do",
          "[cli][config][schema]") {
  const Shell shell;
  const Finished printed = shell.tachikoma({"config", "schema"});
  CHECK(printed.exit_code == 0);
  shell.folder().write("schema.json", printed.out);
  shell.folder().write("judge.py", R"(import json, sys, yaml, jsonschema
schema = json.load(open("schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
for file in sys.argv[1:]:
    for error in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(file))):
        print(error.message)
)");
  const auto judged = [&](const std::string& file) {
    const Finished judge = shell.bash("/usr/bin/python3 judge.py " + file);
    CHECK(judge.exit_code == 0);
    return judge.out;
  };
  const std::string examples = TACHIKOMA_SOURCE_DIR "/config/";
  for (const char* right : {"tachikoma.yaml", "llamacpp.yaml", "openai.yaml", "quickstart.yaml"})
    CHECK(judged(examples + right).empty());
  const auto fault = [&](const std::string& text) { return judged(shell.folder().write("a.yaml", text)); };
  CHECK(fault("providers: {lmstudio: {eject_for: 5s, replay: a.jsonl}}").empty());
  CHECK(fault("providers: {lmstudio: {}}\nmodels: {a: {top_k: '${K}', ttl: 0}}").empty());
  CHECK_THAT(fault("providers: {lmstudio: {base_ur: x}}"), ContainsSubstring("'base_ur'"));
  CHECK_THAT(fault("providers: {mine: {plugin: llamacpp, modls_dir: x}}"), ContainsSubstring("'modls_dir'"));
  CHECK_THAT(fault("providers: {mine: {}}"), ContainsSubstring("'plugin' is a required property"));
  CHECK_FALSE(fault("providers: {lmstudio: {}}\nmodels: {a: {temperature: 5}}").empty());
}
