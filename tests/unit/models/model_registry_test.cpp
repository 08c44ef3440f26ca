// SPDX-License-Identifier: MIT
#include "tachikoma/model_registry.hpp"

#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ModelInfo model(std::string key, ModelState state = ModelState::not_loaded) {
  ModelInfo info{.key = key, .kind = ModelKind::llm, .state = state};
  if (state == ModelState::loaded) info.instances.push_back({key});
  return info;
}

/// Two providers: `one` with three models, `two` with two, and a config with two aliases.
struct World {
  std::shared_ptr<FakeProvider> one = std::make_shared<FakeProvider>(),
                                two = std::make_shared<FakeProvider>();
  TestParts parts;

  World() {
    one->models = {model("openai/gpt-oss-20b", ModelState::loaded), model("twin"), model("only-one"),
                   model("same")};
    two->models = {model("twin", ModelState::loaded), model("qwen/qwen3-4b"), model("same")};
    Config config;
    config.models = {
        {.alias = "chat", .provider = "one", .key = "gpt-oss-20b", .inference = {.temperature = 0.5}},
        {.alias = "Broken", .provider = "two", .key = "no-such-model"}};
    config.default_model = "chat";
    config.default_inference = {.max_tokens = 100, .temperature = 0.9};
    parts = make_parts({setup("one", one), setup("two", two)}, config);
  }

  std::string resolve(std::string_view name) {
    const Result<ResolvedModel> model = parts.runtime().models.resolve(name);
    if (!model) return std::string(to_string(model.error().code)) + ": " + model.error().message;
    return model->provider + "::" + model->name;
  }
};

}  // namespace

TEST_CASE("names resolve by alias, address, key, segment; an empty name is the default", "[models]") {
  World world;
  CHECK(world.resolve("chat") == "one::openai/gpt-oss-20b");
  CHECK(world.resolve("CHAT") == "one::openai/gpt-oss-20b");
  CHECK(world.resolve("") == "one::openai/gpt-oss-20b");
  CHECK(world.resolve("default") == "one::openai/gpt-oss-20b");
  CHECK(world.resolve("two::twin") == "two::twin");
  CHECK(world.resolve("only-one") == "one::only-one");
  CHECK(world.resolve("qwen3-4b") == "two::qwen/qwen3-4b");
  CHECK(world.resolve("two::QWEN/qwen3-4b") == "two::qwen/qwen3-4b");
}

TEST_CASE("an alias brings its settings, over the defaults", "[models]") {
  World world;
  const ResolvedModel model = world.parts.runtime().models.resolve("chat").value();
  CHECK(model.alias == "chat");
  CHECK(model.settings.temperature == 0.5);
  CHECK(model.settings.max_tokens == 100);
}

TEST_CASE("a name that fits two models is an error that lists them", "[models]") {
  World world;
  CHECK(world.resolve("same") ==
        "invalid_argument: model name 'same' is ambiguous: it may be 'one::same' or 'two::same'");
  CHECK(world.resolve("twin") == "two::twin");  // loaded there: an instance comes before a key
  CHECK(world.resolve("current") ==
        "invalid_argument: model name 'current' is ambiguous: it may be 'one::current' or 'two::current'");
}

TEST_CASE("an unknown name is not found, before anything is sent, with the nearest", "[models]") {
  World world;
  CHECK(world.resolve("one::gpt-oss-21b") == "model_not_found: model 'gpt-oss-21b' was not found on 'one'");
  const Result<ResolvedModel> model = world.parts.runtime().models.resolve("only-on");
  CHECK(model.error().hint == "did you mean 'only-one'?");
  CHECK(model.error().detail["near"] == Value::array({"only-one"}));
  CHECK(world.resolve("two::no-such-model") ==
        "model_not_found: model 'no-such-model' was not found on 'two'");
  CHECK(world.resolve("Broken") == "two::no-such-model");  // the configuration may know more than the list
  CHECK(world.parts.runtime().models.resolve("Broken").value().notice ==
        "'two' does not list 'no-such-model', which was sent all the same");
  CHECK(world.resolve("tow::twin") == "config_invalid: no provider 'tow' is configured");
}

TEST_CASE("current is the loaded model used last", "[models]") {
  World world;
  CHECK(world.resolve("one::current") == "one::openai/gpt-oss-20b");
  world.one->models[1] = model("twin", ModelState::loaded);
  (*world.parts->providers.find("one"))->servers().first().instances.note_used("twin");
  CHECK(world.resolve("one::current") == "one::twin");
  world.one->models[1] = model("twin");
  CHECK(world.resolve("one::current") == "one::openai/gpt-oss-20b");
  world.one->models = {model("twin")};
  CHECK(world.resolve("one::current") == "model_not_found: no model is loaded on 'one'");
}

TEST_CASE("a list is fetched once, and again when a name is not in it", "[models]") {
  World world;
  CHECK(world.resolve("one::twin") == "one::twin");
  CHECK(world.resolve("one::only-one") == "one::only-one");
  CHECK(world.one->lists == 1);
  world.one->models.push_back(model("new"));
  CHECK(world.resolve("one::new") == "one::new");
  CHECK(world.one->lists == 2);
}

TEST_CASE("a server without a list is sent the name as it is", "[models]") {
  World world;
  world.one->offers_list = false;
  CHECK(world.resolve("one::anything/at:all@x") == "one::anything/at:all@x");
}

TEST_CASE("a server that can't be asked does not hide the others, and is named when nothing is found",
          "[models]") {
  World world;
  world.one->on_list = []() -> Result<std::vector<ModelInfo>> {
    return Error(ErrorCode::unreachable, "one is down");
  };
  CHECK(world.resolve("qwen3-4b") == "two::qwen/qwen3-4b");
  CHECK(world.resolve("nothing") ==
        "model_not_found: model 'nothing' was not found on any provider; 'one' could not be asked: one is "
        "down");
  CHECK(world.resolve("one::twin") == "unreachable: one is down");
  CHECK(world.parts.runtime().models.list().failures.size() == 1);
}

TEST_CASE("a selected model stays selected when the next one can't be resolved", "[models]") {
  World world;
  REQUIRE(world.parts.runtime().models.use("two::twin"));
  CHECK(world.parts.runtime().models.selected() == "two::twin");
  CHECK(world.resolve("") == "two::twin");
  CHECK(!world.parts.runtime().models.use("nonsense"));
  CHECK(world.parts.runtime().models.selected() == "two::twin");
}
