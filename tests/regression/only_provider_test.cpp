// SPDX-License-Identifier: MIT
// A configuration with one provider and no `defaults.model` refused every request that named no model,
// although the same provider without a file meant its current model.
#include <cstdlib>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::shared_ptr<FakeProvider> with_loaded(const std::string& key) {
  auto provider = std::make_shared<FakeProvider>();
  provider->models = {{.key = "off", .state = ModelState::not_loaded},
                      {.key = key, .state = ModelState::loaded, .instances = {{key}}}};
  return provider;
}

}  // namespace

TEST_CASE("one provider and no default model means its current model", "[regression][models]") {
  const auto parts = make_parts({setup("only", with_loaded("on"))});
  CHECK(parts.runtime().models.selected() == "only::current");
  for (const char* name : {"", "default", "current", "only::current"}) {
    INFO(name);
    CHECK(parts.runtime().models.resolve(name).value().name == "on");
  }
  REQUIRE(parts.runtime().models.use("off"));
  CHECK(parts.runtime().models.resolve("").value().name == "off");
}

TEST_CASE("a default model, or a second provider, leaves it as it is", "[regression][models]") {
  Config config;
  config.default_model = "off";
  CHECK(make_parts({setup("only", with_loaded("on"))}, config).runtime().models.resolve("").value().name ==
        "off");
  const auto two = make_parts({setup("one", with_loaded("a")), setup("two", with_loaded("b"))});
  CHECK(two.runtime().models.selected().empty());
  CHECK(two.runtime().models.resolve("").error().message ==
        "no model was named, and the config has no defaults.model");
}

TEST_CASE("nothing in memory is said of the one provider", "[regression][models]") {
  auto empty = std::make_shared<FakeProvider>();
  empty->models = {{.key = "off", .state = ModelState::not_loaded}};
  CHECK(make_parts({setup("only", empty)}).runtime().models.resolve("").error().message ==
        "no model is loaded on 'only'");
}

TEST_CASE("a file with one provider needs no default model, in whichever form it is",
          "[regression][models]") {
  const Simulator simulator("models: [{key: off}, {key: on, loaded: true}]\n");
  const std::string port = std::to_string(simulator.port());
  const TempDir folder;
  ::setenv("TACHIKOMA_LMSTUDIO_PORTS", port.c_str(), 1);
  const std::vector<std::string> forms = {
      "providers: {lmstudio: {base_url: '" + simulator.base_url() + "'}}\n",
      "providers: {lmstudio: {}}\nmodels: {chat: {key: off}}\n",
      R"({"host": "127.0.0.1", "port": )" + port + R"(, "models": {"off": {"context_length": 2048}}})",
      "temperature: 0.7\nn_gpu_layers: -1\n"};
  for (const std::string& text : forms) {
    INFO(text);
    Runtime runtime =
        Runtime::open({.file = folder.write("config.yaml", text), .log = [](auto&&...) {}}).value();
    const Result<Reply> reply = runtime.generate_text({.messages = {user("Hello")}});
    REQUIRE(reply);
    CHECK(reply->model == "on");
  }
  ::unsetenv("TACHIKOMA_LMSTUDIO_PORTS");
}
