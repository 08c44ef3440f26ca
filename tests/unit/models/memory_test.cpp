// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

struct Full : ModelWorld {
  explicit Full(Config config = {}) : ModelWorld(std::move(config)) {
    load("big/model").value();
    load("big/model").value();
    load("small/model", {.identifier = "mine"}).value();
  }
};

}  // namespace

TEST_CASE("an instance is unloaded by its id, also where the first one's is the key", "[models]") {
  Full world;
  CHECK(world.unload("big/model:2").value() == Names{"big/model:2"});
  CHECK(world.unload("fake::big/model").value() == Names{"big/model"});
  CHECK(world.unload("MINE").value() == Names{"mine"});
  CHECK(world.server->instances().empty());
}

TEST_CASE("all instances of a model are unloaded by a part of its key or an alias", "[models]") {
  Config config;
  config.models.push_back({.alias = "chat", .provider = "fake", .key = "big/model"});
  config.models.push_back({.alias = "own", .provider = "fake", .key = "mine"});
  const Names both{"big/model:2", "big/model"};
  SECTION("an alias of a key") {
    Full world(config);
    CHECK(world.unload("chat").value() == both);
  }
  SECTION("an alias of an instance") {
    Full world(config);
    world.load("small/model").value();
    CHECK(world.unload("own").value() == Names{"mine"});
  }
  SECTION("the key of an instance that has another id") {
    Full world(config);
    CHECK(world.unload("small/model").value() == Names{"mine"});
  }
}

TEST_CASE("the current model is one instance", "[models]") {
  Full world;
  (*world.parts->providers.find("fake"))->servers().first().instances.note_used("big/model");
  CHECK(world.unload("fake::current").value() == Names{"big/model"});
}

TEST_CASE("unloading what is not in memory is model_not_found, and says what is", "[models]") {
  ModelWorld world;
  CHECK(world.unload("big/model").error().hint == "nothing is in memory there");
  world.load("small/model").value();
  const Error error = world.unload("big/model").error();
  CHECK(error.code == ErrorCode::model_not_found);
  CHECK(error.message == "no instance of 'big/model' is in memory on 'fake'");
  CHECK(error.hint == "in memory: 'small/model'");
  CHECK(error.detail["near"] == Value::array({"small/model"}));
}

TEST_CASE("everything can be unloaded, and what is gone meanwhile is not listed", "[models]") {
  Full world;
  world.server->on_unload = [&](std::string_view instance) -> Status {
    Status done = world.server->drop(instance);
    if (instance == "mine") return Error(ErrorCode::model_not_found, "somebody else was faster");
    return done;
  };
  CHECK(world.parts->management.unload_all(world.fake(), {}).value() == Names{"big/model:2", "big/model"});
  CHECK(world.parts->management.unload_all(world.fake(), {}).value().empty());
}

TEST_CASE("a failure to unload is the caller's to know", "[models]") {
  Full world;
  world.server->on_unload = [](std::string_view) { return Status(Error(ErrorCode::protocol, "no")); };
  CHECK(world.unload("mine").error().message == "no");
}

TEST_CASE("how a model does is asked of its instance, else of its first", "[models]") {
  Full world;
  CHECK(world.status("mine").instance == "mine");
  CHECK(world.status("big/model").instance == "big/model");
  CHECK(world.status("big/model:2").instance == "big/model:2");
  CHECK(world.status("big/model").state == ModelState::loaded);
}

TEST_CASE("a model that is not in memory has a status too, without numbers", "[models]") {
  ModelWorld world;
  const ModelStatus status = world.status("big/model");
  CHECK(status.key == "big/model");
  CHECK(status.instance.empty());
  CHECK(status.state == ModelState::not_loaded);
  CHECK_FALSE(status.memory_bytes);
  CHECK(status.memory_bytes.basis == "the model is not in memory");
  CHECK(status.ttl.basis == "the model is not in memory");
  world.server->set_state("big/model", ModelState::loading);
  CHECK(world.status("big/model").state == ModelState::loading);
}

TEST_CASE("the models of every provider are listed, and who could not be asked", "[models]") {
  const auto good = std::make_shared<FakeModelServer>();
  const auto bad = std::make_shared<FakeModelServer>();
  good->keep({.key = "big/model"}).value();
  const auto parts = make_parts({setup("good", good), setup("fake", std::make_shared<FakeProvider>())});
  LoadedListing listing = parts->management.loaded_anywhere({});
  REQUIRE(listing.models.size() == 1);
  CHECK(listing.models[0].provider == "good");
  CHECK(listing.models[0].status.instance == "big/model");
  CHECK(listing.failures.empty());
  std::stop_source stop;
  stop.request_stop();
  listing = parts->management.loaded_anywhere(stop.get_token());
  REQUIRE(listing.failures.size() == 1);
  CHECK(listing.failures[0].error.code == ErrorCode::cancelled);
}

TEST_CASE("of a provider with several servers each is loaded, listed and unloaded", "[models]") {
  const auto one = std::make_shared<FakeModelServer>();
  const auto two = std::make_shared<FakeModelServer>();
  calls::ProviderSetup both = setup("fake", one);
  both.components = {{one, "http://one"}, {two, "http://two"}};
  ModelWorld world;
  world.parts = make_parts({std::move(both)});
  CHECK(world.load("big/model").value().notices ==
        Names{"it was loaded on 'http://two' too, as 'big/model'"});
  CHECK(one->instances() == Names{"big/model"});
  CHECK(two->instances() == Names{"big/model"});
  const auto all = world.parts->management.loaded(world.fake(), {}).value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].extra["endpoint"] == Value("http://one"));
  CHECK(all[1].extra["endpoint"] == Value("http://two"));
  CHECK(world.unload("big/model").value() == Names{"big/model", "big/model"});
}

TEST_CASE("a server of several that can't be reached is left out", "[models]") {
  const auto one = std::make_shared<FakeModelServer>();
  const auto two = std::make_shared<FakeModelServer>();
  calls::ProviderSetup both = setup("fake", one);
  both.components = {{one, "http://one"}, {two, "http://two"}};
  ModelWorld world;
  world.parts = make_parts({std::move(both)});
  one->on_load = [](const LoadRequest&, LoadSink&, const CallContext&) -> Result<LoadedModel> {
    return Error(ErrorCode::unreachable, "nobody there");
  };
  CHECK(world.load("big/model").value().instance == "big/model");
  two->on_load = one->on_load;
  CHECK(world.load("big/model").error().message == "nobody there");
}
