// SPDX-License-Identifier: MIT
// LM Studio's own two forms of a configuration, as files of ours.
#include <string>

#include "document/studio.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A configuration, and the registry that checked it.
struct Loaded {
  TempDir folder;
  PluginRegistry plugins;
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

const Value& server_load(const Loaded& loaded) {
  REQUIRE(loaded.config.models.size() == 1);
  return loaded.config.models[0].load;
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

TEST_CASE("a server's model has its context length", "[server-settings/context_length]") {
  CHECK(server_load(server_settings())["context_length"].as_integer() == 16384);
}

TEST_CASE("a server's model has its GPU layers", "[server-settings/gpu_layers]") {
  CHECK(server_load(server_settings())["n_gpu_layers"].as_integer() == -1);
}

TEST_CASE("a server's model has its memory lock", "[server-settings/use_mlock]") {
  CHECK(server_load(server_settings())["use_mlock"].as_bool());
}

TEST_CASE("a server's model has its batch size", "[server-settings/batch_size]") {
  CHECK(server_load(server_settings())["batch_size"].as_integer() == 512);
}

TEST_CASE("the model's YAML is the defaults of every model", "[model-configuration]") {
  const Loaded loaded = model_configuration();
  CHECK(loaded.config.default_load.members().size() == 6);
  CHECK(loaded.config.default_inference.temperature.has_value());
}

TEST_CASE("the defaults have a context length", "[model-configuration/context_length]") {
  CHECK(model_configuration().config.default_load["context_length"].as_integer() == 16384);
}

TEST_CASE("the defaults have GPU layers", "[model-configuration/n_gpu_layers]") {
  CHECK(model_configuration().config.default_load["n_gpu_layers"].as_integer() == -1);
}

TEST_CASE("the defaults have a batch size, by its other name", "[model-configuration/n_batch]") {
  CHECK(model_configuration().config.default_load["batch_size"].as_integer() == 512);
}

TEST_CASE("the defaults have CPU threads", "[model-configuration/threads]") {
  CHECK(model_configuration().config.default_load["threads"].as_integer() == 8);
}

TEST_CASE("the defaults have a memory lock", "[model-configuration/use_mlock]") {
  CHECK(model_configuration().config.default_load["use_mlock"].as_bool());
}

TEST_CASE("the defaults have memory mapping", "[model-configuration/use_mmap]") {
  CHECK(model_configuration().config.default_load["use_mmap"].as_bool());
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
