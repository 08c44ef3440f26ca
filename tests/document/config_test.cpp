// SPDX-License-Identifier: MIT
// LM Studio's own two forms of a configuration, as files of ours.
#include <string>
#include <utility>
#include <vector>

#include "document/forms.hpp"
#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// What a chat request has in its body when the flat model file is the configuration.
Value body_by_model_configuration() {
  const Simulator simulator;
  Runtime runtime = runtime_by(model_configuration(), simulator);
  REQUIRE(runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  return last_chat(simulator)["body"];
}

}  // namespace

TEST_CASE("the server's JSON is one provider and its models", "[server-settings]") {
  const Simulator simulator;
  Form loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK(runtime.provider_ids() == std::vector<std::string>{"lmstudio"});
  CHECK(runtime.generate_text({.model = "gpt-oss-120b", .messages = {user("Hello")}}).value().model ==
        "openai/gpt-oss-120b");
}

TEST_CASE("load settings of the server's models are read", "[server-settings]") {
  const Form loaded = server_settings();
  REQUIRE(loaded.config.models.size() == 1);
  CHECK(loaded.config.models[0].load ==
        LoadSettings{
            .context_length = 16384, .gpu_layers = GpuLayers::all(), .batch_size = 512, .use_mlock = true});
}

TEST_CASE("a model of the server is named by its file", "[server-settings/path][faq/own-models]") {
  const Simulator simulator;
  const auto load = [&](const std::string& path) {
    Form form("server.json", R"({"host": "127.0.0.1", "port": )" + std::to_string(simulator.port()) +
                                 R"(, "models": {"large": {"path": ")" + path + R"("}}})");
    CHECK(form.config.warnings.empty());
    Runtime runtime = Runtime::from(std::move(form.config), std::move(form.plugins)).value();
    return runtime.load_model("large");
  };
  CHECK(load("~/.cache/lm-studio/models/openai/gpt-oss-120b-q4_k_m.gguf").value().key ==
        "openai/gpt-oss-120b");
  const Result<LoadedModel> missing = load("/models/openai/gpt-oss-1-q4_k_m.gguf");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::model_not_found);
  CHECK_THAT(missing.error().message, ContainsSubstring("'/models/openai/gpt-oss-1-q4_k_m.gguf'"));
}

TEST_CASE("the server's host is where it is looked for", "[server-settings/host]") {
  const Simulator simulator;
  Form loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK_THAT(runtime.provider("lmstudio").value().health().value().base_url, ContainsSubstring("127.0.0.1"));
}

TEST_CASE("the server's port is where it is looked for", "[server-settings/port]") {
  const Simulator simulator;
  Form loaded = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(loaded.config), std::move(loaded.plugins)).value();
  CHECK_THAT(runtime.provider("lmstudio").value().health().value().base_url,
             ContainsSubstring(":" + std::to_string(simulator.port())));
}

TEST_CASE("the server's models are aliases", "[server-settings/models]") {
  const Form loaded = server_settings();
  REQUIRE(loaded.config.models.size() == 1);
  CHECK(loaded.config.models[0].alias == "gpt-oss-120b");
  CHECK(loaded.config.models[0].provider == "lmstudio");
}

TEST_CASE("the model's YAML is the defaults of every model", "[model-configuration]") {
  const Form loaded = model_configuration();
  const GenerationSettings& inference = loaded.config.default_inference;
  CHECK(inference.temperature == 0.7);
  CHECK(inference.top_k == 40);
  CHECK(inference.mirostat == 0);
  CHECK(loaded.config.default_load.gpu_layers == GpuLayers::all());
  CHECK(loaded.config.default_load.batch_size == 512);
  CHECK(loaded.config.warnings.empty());
}

TEST_CASE("the default temperature reaches the server", "[model-configuration/temperature]") {
  CHECK(body_by_model_configuration()["temperature"].as_real() == 0.7);
}

TEST_CASE("the default top_p reaches the server", "[model-configuration/top_p]") {
  CHECK(body_by_model_configuration()["top_p"].as_real() == 0.95);
}

TEST_CASE("the default top_k reaches the server", "[model-configuration/top_k]") {
  CHECK(body_by_model_configuration()["top_k"].as_integer() == 40);
}

TEST_CASE("the default repeat penalty reaches the server", "[model-configuration/repeat_penalty]") {
  CHECK(body_by_model_configuration()["repeat_penalty"].as_real() == 1.1);
}

TEST_CASE("the default presence penalty reaches the server", "[model-configuration/presence_penalty]") {
  const Value body = body_by_model_configuration();
  REQUIRE(body["presence_penalty"].is_number());
  CHECK(body["presence_penalty"].as_real() == 0);
}

TEST_CASE("the default frequency penalty reaches the server", "[model-configuration/frequency_penalty]") {
  const Value body = body_by_model_configuration();
  REQUIRE(body["frequency_penalty"].is_number());
  CHECK(body["frequency_penalty"].as_real() == 0);
}

TEST_CASE("mirostat that is off needs nothing, and mirostat that LM Studio can't do is refused",
          "[model-configuration/mirostat-off]") {
  CHECK(body_by_model_configuration().find("mirostat") == nullptr);

  Studio studio;
  const Result<Reply> refused = studio.runtime.generate_text(
      {.model = "mistral-7b", .messages = {user("Hello")}, .settings = {.mirostat = 2}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK_THAT(refused.error().message, ContainsSubstring("mirostat"));
}
