// SPDX-License-Identifier: MIT
// LM Studio's own two forms of a configuration, as files of ours.
#include <string>
#include <utility>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A configuration, and the registry that checked it.
struct Loaded {
  TempDir folder;
  PluginRegistry plugins{{}, [](Severity, std::string_view, std::string_view) {}};
  Config config;
  Loaded(const char* name, const std::string& text)
      : config(load_config(folder.write(name, text), plugins).value()) {}
};

Loaded server_settings(int port = 1234) {
  return {"server.json",
          R"({"host": "127.0.0.1", "port": )" + std::to_string(port) + R"(, "cors": true, "verbose": true,
  "models": {"gpt-oss-120b": {"path": "~/.cache/lm-studio/models/openai/gpt-oss-120b-q4_k_m.gguf",
                              "context_length": 16384, "gpu_layers": -1, "use_mlock": true, "batch_size": 512}}})"};
}

Loaded model_configuration() {
  return {
      "model.yaml",
      "context_length: 16384\nn_gpu_layers: -1\nn_batch: 512\nthreads: 8\nuse_mlock: true\nuse_mmap: true\n"
      "temperature: 0.7\ntop_p: 0.95\ntop_k: 40\nrepeat_penalty: 1.1\npresence_penalty: 0.0\n"
      "frequency_penalty: 0.0\nmirostat: 0\n"};
}

// Nothing that is set may be without effect and without a word.
void check_warned(const Config& config, const std::vector<std::string>& settings) {
  std::string warnings;
  for (const std::string& each : config.warnings) warnings += each + "\n";
  for (const std::string& setting : settings) CHECK_THAT(warnings, ContainsSubstring(setting));
}

// What a chat request has in its body when the flat model file is the configuration.
Value body_with(Loaded loaded, const Simulator& simulator) {
  REQUIRE(loaded.config.providers.size() == 1);
  loaded.config.providers[0].settings.set("base_url", simulator.base_url());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  REQUIRE(runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  return last_chat(simulator)["body"];
}

}  // namespace

TEST_CASE("the server's JSON is one provider and its models", "[server-settings]") {
  const Simulator simulator;
  Loaded loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK(runtime.provider_ids() == std::vector<std::string>{"lmstudio"});
  CHECK(runtime.generate_text({.model = "gpt-oss-120b", .messages = {user("Hello")}}).value().model ==
        "openai/gpt-oss-120b");
}

TEST_CASE("load settings of the server's models are read", "[server-settings]") {
  const Loaded loaded = server_settings();
  REQUIRE(loaded.config.models.size() == 1);
  CHECK(loaded.config.models[0].load ==
        LoadSettings{
            .context_length = 16384, .gpu_layers = GpuLayers::all(), .batch_size = 512, .use_mlock = true});
  check_warned(loaded.config, {"cors", "path"});
}

TEST_CASE("the server's host is where it is looked for", "[server-settings/host]") {
  const Simulator simulator;
  Loaded loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK_THAT(runtime.provider("lmstudio").value().health().value().base_url, ContainsSubstring("127.0.0.1"));
}

TEST_CASE("the server's port is where it is looked for", "[server-settings/port]") {
  const Simulator simulator;
  Loaded loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK_THAT(runtime.provider("lmstudio").value().health().value().base_url,
             ContainsSubstring(":" + std::to_string(simulator.port())));
}

TEST_CASE("the server's models are aliases", "[server-settings/models]") {
  const Loaded loaded = server_settings();
  REQUIRE(loaded.config.models.size() == 1);
  CHECK(loaded.config.models[0].alias == "gpt-oss-120b");
  CHECK(loaded.config.models[0].provider == "lmstudio");
}

TEST_CASE("the model's YAML is the defaults of every model", "[model-configuration]") {
  const Loaded loaded = model_configuration();
  const GenerationSettings& inference = loaded.config.default_inference;
  CHECK(inference.temperature == 0.7);
  CHECK(inference.top_k == 40);
  CHECK(inference.mirostat == 0);
  CHECK(loaded.config.default_load.gpu_layers == GpuLayers::all());
  CHECK(loaded.config.default_load.batch_size == 512);
  CHECK(loaded.config.warnings.empty());
}

TEST_CASE("the default temperature reaches the server", "[model-configuration/temperature]") {
  const Simulator simulator;
  CHECK(body_with(model_configuration(), simulator)["temperature"].as_real() == 0.7);
}

TEST_CASE("the default top_p reaches the server", "[model-configuration/top_p]") {
  const Simulator simulator;
  CHECK(body_with(model_configuration(), simulator)["top_p"].as_real() == 0.95);
}

TEST_CASE("the default top_k reaches the server", "[model-configuration/top_k]") {
  const Simulator simulator;
  CHECK(body_with(model_configuration(), simulator)["top_k"].as_integer() == 40);
}

TEST_CASE("the default repeat penalty reaches the server", "[model-configuration/repeat_penalty]") {
  const Simulator simulator;
  CHECK(body_with(model_configuration(), simulator)["repeat_penalty"].as_real() == 1.1);
}

TEST_CASE("the default presence penalty reaches the server", "[model-configuration/presence_penalty]") {
  const Simulator simulator;
  const Value body = body_with(model_configuration(), simulator);
  REQUIRE(body["presence_penalty"].is_number());
  CHECK(body["presence_penalty"].as_real() == 0);
}

TEST_CASE("the default frequency penalty reaches the server", "[model-configuration/frequency_penalty]") {
  const Simulator simulator;
  const Value body = body_with(model_configuration(), simulator);
  REQUIRE(body["frequency_penalty"].is_number());
  CHECK(body["frequency_penalty"].as_real() == 0);
}

TEST_CASE("mirostat that is off needs nothing, and mirostat that LM Studio can't do is refused",
          "[model-configuration/mirostat-off]") {
  const Simulator simulator;
  CHECK(body_with(model_configuration(), simulator).find("mirostat") == nullptr);

  Studio studio;
  const Result<Reply> refused = studio.runtime.generate_text(
      {.model = "mistral-7b", .messages = {user("Hello")}, .settings = {.mirostat = 2}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK_THAT(refused.error().message, ContainsSubstring("mirostat"));
}
