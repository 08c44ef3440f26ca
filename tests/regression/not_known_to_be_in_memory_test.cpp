// SPDX-License-Identifier: MIT
// "no model is in memory … nothing is wrong" was said of servers that say nothing of their memory.
#include "diagnose/diagnosis.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Diagnosis examine_only(const TestParts& parts) {
  return diagnose::diagnose({parts->providers, parts->registry, parts->generator},
                            parts->providers.all().front(), {.measure = false}, {})
      .value();
}

}  // namespace

TEST_CASE("a server that does not say what is in memory is not said to have nothing there", "[diagnose]") {
  const auto fake = std::make_shared<FakeProvider>();
  const auto parts = make_parts({setup("fake", fake)});
  std::string why;
  SECTION("its list has no states") {
    fake->models = {{.key = "m"}};
    why = "the server does not say whether 'm' is in memory";
  }
  SECTION("it can't be listed") {
    fake->on_list = [] { return Result<std::vector<ModelInfo>>(Error(ErrorCode::protocol, "no list")); };
    why = "whether a model is in memory is not known: no list";
  }
  SECTION("it has no list") {
    fake->offers_list = false;
    why = "whether a model is in memory is not known: provider 'fake' can't list its models";
  }
  const Diagnosis diagnosis = examine_only(parts);
  CHECK(diagnosis.model.empty());
  CHECK_FALSE(diagnosis.in_memory);
  CHECK(diagnosis.no_model == why);
  CHECK(diagnosis.context_length.basis == why);
  CHECK(diagnosis.memory_bytes.basis == why);
}

TEST_CASE("a server that says that nothing is in memory is believed", "[diagnose]") {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m", .state = ModelState::not_loaded}};
  const auto parts = make_parts({setup("fake", fake)});
  const Diagnosis diagnosis = examine_only(parts);
  CHECK(diagnosis.in_memory == false);
  CHECK(diagnosis.no_model == "no model is in memory");
}

TEST_CASE("a server whose memory can't be read is not said to have nothing there", "[diagnose]") {
  ModelWorld world;
  world.server->set_state("big/model", ModelState::loaded);
  world.server->on_loaded = [] {
    return Result<std::vector<ModelStatus>>(Error(ErrorCode::timeout, "it hangs"));
  };
  // the list says so
  CHECK(diagnose::diagnose({world.parts->providers, world.parts->registry, world.parts->generator},
                           world.fake(), {.model = "big/model", .measure = false}, {})
            .value()
            .in_memory == true);
}

TEST_CASE("what does not say what is in memory is named in the list of that", "[models]") {
  const auto silent = std::make_shared<FakeProvider>();
  const auto parts =
      make_parts({setup("told", std::make_shared<FakeModelServer>()), setup("silent", silent)});
  CHECK(parts->management.loaded_anywhere({}).silent == std::vector<std::string>{"silent"});
}

TEST_CASE("the advice to load a model is one that its provider can follow", "[diagnose]") {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m", .state = ModelState::not_loaded}};
  const auto parts = make_parts({setup("fake", fake)});
  const auto advice = [&](const std::string& model) {
    return diagnose::diagnose({parts->providers, parts->registry, parts->generator},
                              parts->providers.all().front(), {.model = model, .measure = false}, {})
        .value()
        .findings.at(0)
        .fix;
  };
  CHECK(advice("fake::current") == "load one on its server");
  CHECK(advice("m") == "load it in advance on its server");
}
