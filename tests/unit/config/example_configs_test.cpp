// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/model_management.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::filesystem::path kExamples = TACHIKOMA_SOURCE_DIR "/config";

Config example(const std::string& name) { return check(read_file(kExamples / name), name).value(); }

}  // namespace

TEST_CASE("every example configuration is right", "[config]") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    if (entry.path().filename() == "simulator.yaml") continue;      // the simulator's own script
    if (entry.path().filename() == "model-library.yaml") continue;  // has its own tests
    INFO(entry.path().string());
    const Result<Config> result = check(read_file(entry.path()), entry.path().string());
    INFO((result ? std::string() : result.error().message));
    CHECK(result);
    ++files;
  }
  CHECK(files >= 5);
}

TEST_CASE("the document's server settings become a provider and its models", "[config]") {
  const Config config = example("document-server.json");
  REQUIRE(config.providers.size() == 1);
  CHECK(config.providers[0].plugin == "lmstudio");
  CHECK(config.providers[0].settings["base_url"].as_string() == "http://localhost:1234/v1");
  REQUIRE(config.models.size() == 1);
  CHECK(config.models[0].alias == "gpt-oss-120b");
  CHECK(config.models[0].key == "~/.cache/lm-studio/models/openai/gpt-oss-120b-q4_k_m.gguf");
  CHECK(config.models[0].provider == "lmstudio");
  CHECK(config.models[0].load ==
        LoadSettings{
            .context_length = 16384, .gpu_layers = GpuLayers::all(), .batch_size = 512, .use_mlock = true});
  CHECK(config.verbose);
  CHECK(config.warnings.empty());
  CHECK(config.providers[0].settings["start_server"].as_bool());
  CHECK(config.providers[0].settings["cors"].as_bool());
}

TEST_CASE("the document's model settings become the defaults", "[config]") {
  const Config config = example("document-model.yaml");
  REQUIRE(config.providers.size() == 1);
  CHECK(config.providers[0].settings["base_url"].as_string() == "auto");
  CHECK(
      to_json(to_value(config.default_load)) ==
      R"({"context_length":16384,"gpu_layers":-1,"batch_size":512,"threads":8,"use_mlock":true,"use_mmap":true})");
  CHECK(config.default_inference.temperature == 0.7);
  CHECK(config.default_inference.top_p == 0.95);
  CHECK(config.default_inference.top_k == 40);
  CHECK(config.default_inference.repeat_penalty == 1.1);
  CHECK(config.default_inference.presence_penalty == 0.0);
  CHECK(config.default_inference.frequency_penalty == 0.0);
  CHECK(config.default_inference.mirostat == 0);
  CHECK(config.warnings.empty());
}

TEST_CASE("plugin folders and paths start at the file", "[config]") {
  const char* home = std::getenv("HOME");
  REQUIRE(home);
  const Config config = check(R"(
providers: {local: {plugin: openai, base_url: http://localhost, tls: {ca_file: ~/ca.pem}}}
plugins: {paths: [plugins, ../other, ~/mine, /opt/plugins]}
monitors: {log: {plugin: echo, file: log.jsonl}}
)",
                              "/etc/app/tachikoma.yaml")
                            .value();
  CHECK(config.plugins.paths == std::vector<std::string>{"/etc/app/plugins", "/etc/other",
                                                         std::string(home) + "/mine", "/opt/plugins"});
  CHECK(config.providers[0].settings["tls"]["ca_file"].as_string() == std::string(home) + "/ca.pem");
  CHECK(config.monitors[0].settings["file"].as_string() == "/etc/app/log.jsonl");
}
