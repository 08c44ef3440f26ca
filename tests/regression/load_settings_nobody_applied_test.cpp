// SPDX-License-Identifier: MIT
// Configured load settings that nobody had applied were only told of where the server was about to load the
// model by itself: not for a model that was in memory with others, nor for a server that can't load at all.
#include "diagnose/diagnosis.hpp"
#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Sentences = std::vector<std::string>;

// A model that is configured with a context and threads.
struct ConfiguredWorld : ModelWorld {
  static Config config() {
    Config config;
    config.models.push_back({.alias = "chat",
                             .provider = "fake",
                             .key = "big/model",
                             .load = {.context_length = 8192, .threads = 4}});
    return config;
  }
  ConfiguredWorld() : ModelWorld(config()) {}
  void restart() { start(config()); }

  Sentences notices() {
    return parts->generator.generate({{.model = "chat", .messages = {user("hi")}}}, {}).value().notices;
  }
  void is_loaded_with(LoadSettings settings) {
    server->keep({.key = "big/model", .settings = std::move(settings)}).value();
  }
};

constexpr char kOther[] =
    "'big/model' is in memory with other load settings than those of the configuration: ";

}  // namespace

TEST_CASE("a reply says that its model is loaded with other settings", "[models]") {
  ConfiguredWorld world;
  world.is_loaded_with({.context_length = 4096, .threads = 4});
  const Sentences expected{
      std::string(kOther) +
      "context_length is 4096, not 8192; load it again: tachikoma unload big/model, then "
      "tachikoma load chat"};
  CHECK(world.notices() == expected);
  CHECK(world.notices() == expected);  // every reply has it, though the server is asked once
}

TEST_CASE("a model that was loaded as configured is no matter for a notice", "[models]") {
  ConfiguredWorld world;
  world.load("chat").value();
  CHECK(world.notices().empty());
}

TEST_CASE("after another load the server is asked again", "[models]") {
  ConfiguredWorld world;
  world.is_loaded_with({.context_length = 4096, .threads = 4});
  CHECK(world.notices().size() == 1);
  CHECK(world.unload("big/model").value().size() == 1);
  world.load("chat").value();
  CHECK(world.notices().empty());
}

TEST_CASE("settings that a server does not report are not said to be in effect", "[models]") {
  ConfiguredWorld world;
  world.is_loaded_with({.context_length = 8192});
  CHECK(world.notices() == Sentences{std::string(kOther) +
                                     "threads is not reported by its server; load it again: tachikoma unload "
                                     "big/model, then tachikoma load chat"});
}

TEST_CASE("the context that a server reports counts, whatever it says of its other settings", "[models]") {
  ConfiguredWorld world;
  world.is_loaded_with({});
  world.server->on_loaded = [] {
    return Result<std::vector<ModelStatus>>({{.key = "big/model",
                                              .instance = "big/model",
                                              .state = ModelState::loaded,
                                              .context_length = {2048, Source::reported, "fake"}}});
  };
  world.server->on_applies = [] { return Result<bool>(Error(ErrorCode::unsupported, "one fixed model")); };
  CHECK(world.notices() ==
        Sentences{std::string(kOther) +
                  "context_length is 2048, not 8192 and threads is not reported by its server; "
                  "start its server with these settings: it can't be told to apply them"});
}

TEST_CASE("for a server with settings of its own the advice is to start it with them", "[models]") {
  ConfiguredWorld world;
  world.is_loaded_with({.context_length = 4096, .threads = 4});
  SECTION("it can't load models") {
    world.server->on_applies = [] { return Result<bool>(Error(ErrorCode::unsupported, "one fixed model")); };
  }
  SECTION("it loads them in its own way") {
    world.server->on_applies = [] { return Result<bool>(false); };
  }
  CHECK(world.notices() ==
        Sentences{std::string(kOther) + "context_length is 4096, not 8192; start its server with these "
                                        "settings: it can't be told to apply them"});
}

TEST_CASE("a server with one fixed model answers with that, whatever name is configured", "[models]") {
  ConfiguredWorld world;
  world.server->set_state("big/model", ModelState::loaded);
  world.server->on_loaded = [] {
    return Result<std::vector<ModelStatus>>({{.key = "model.gguf",
                                              .instance = "model.gguf",
                                              .state = ModelState::loaded,
                                              .context_length = {2048, Source::reported, "fake"}}});
  };
  world.server->on_applies = [] { return Result<bool>(Error(ErrorCode::unsupported, "one fixed model")); };
  REQUIRE(world.notices().size() == 1);
  CHECK_THAT(world.notices()[0], ContainsSubstring("context_length is 2048, not 8192"));
  const Diagnosis diagnosis =
      diagnose::diagnose({world.parts->providers, world.parts->registry, world.parts->generator},
                         world.fake(), {.model = "small/model", .measure = false}, {})
          .value();
  CHECK(diagnosis.in_memory == true);
  CHECK(diagnosis.model == "model.gguf");
  CHECK(diagnosis.context_length.value == 2048);
}

TEST_CASE("a provider that can't load models is told of in every reply", "[models]") {
  ConfiguredWorld world;
  world.server->manages = false;
  world.restart();
  CHECK(world.notices() ==
        Sentences{"the load settings of the configuration (context_length, threads) have no effect: provider "
                  "'fake' can't load models, so its server runs with settings of its own"});
}

TEST_CASE("a model that a request loads as configured is no matter for a notice", "[models]") {
  ConfiguredWorld world;
  world.server->owns = true;
  world.restart();
  CHECK(world.notices().empty());
}

TEST_CASE("doctor's advice on a smaller context is one that works there", "[diagnose]") {
  ConfiguredWorld world;
  world.is_loaded_with({.context_length = 4096, .threads = 4});
  std::string advice = "load it again: tachikoma unload big/model, then tachikoma load chat";
  SECTION("a server that is told") {}
  SECTION("a server with settings of its own") {
    world.server->on_applies = [] { return Result<bool>(false); };
    advice = "start its server with these settings: it can't be told to apply them";
  }
  SECTION("a server that ends with its program") {
    world.server->owns = true;
    world.restart();
    advice = "unload it in the program that loaded it: the next request loads it as configured";
  }
  const Diagnosis diagnosis =
      diagnose::diagnose({world.parts->providers, world.parts->registry, world.parts->generator},
                         world.fake(), {.model = "chat", .measure = false}, {})
          .value();
  REQUIRE(diagnosis.findings.size() == 1);
  CHECK(diagnosis.findings[0].id == "context-smaller-than-configured");
  CHECK(diagnosis.findings[0].fix == advice);
}
