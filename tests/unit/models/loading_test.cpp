// SPDX-License-Identifier: MIT
#include <future>
#include <stdexcept>
#include <thread>

#include "generate/generator.hpp"
#include "models/load_warnings.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

Config with_alias() {
  Config config;
  config.default_load = {.threads = 4, .use_mmap = true};
  config.models.push_back({.alias = "chat",
                           .provider = "fake",
                           .key = "big/model",
                           .load = {.context_length = 8192},
                           .inference = {.ttl = 3600s}});
  return config;
}

Result<LoadedModel> until_cancelled(const LoadRequest&, LoadSink&, const CallContext& context) {
  context.enter(Phase::loading);
  wait_for_cancel(context);
  return Error(ErrorCode::internal, "what a provider makes of it");
}

}  // namespace

TEST_CASE("a load has the settings of the call, the alias, the provider and the defaults", "[models]") {
  ModelWorld world(with_alias());
  world.load("chat", {.threads = 16}).value();
  CHECK(world.server->requests().front().key == "big/model");
  CHECK(world.server->requests().front().settings ==
        LoadSettings{.context_length = 8192, .threads = 16, .use_mmap = true, .ttl = 1h});
  world.load("small/model").value();
  CHECK(world.server->requests().back().settings == LoadSettings{.threads = 4, .use_mmap = true});
}

TEST_CASE("what is in memory is loaded once more, by its key", "[models]") {
  ModelWorld world;
  CHECK(world.load("big/model").value().instance == "big/model");
  CHECK(world.load("big/model").value().instance == "big/model:2");
  CHECK(world.load("big/model:2").value().instance == "big/model:3");
  CHECK(world.server->instances() == Names{"big/model:3", "big/model:2", "big/model"});
}

TEST_CASE("after a load names lead to the instance, and after unloading no longer", "[models]") {
  ModelWorld world;
  CHECK(world.parts.runtime().models.resolve("model-name").error().code == ErrorCode::model_not_found);
  world.load("big/model", {.identifier = "model-name"}).value();
  CHECK(world.parts.runtime().models.resolve("model-name").value().name == "model-name");
  CHECK(world.parts.runtime().models.resolve("big/model").value().name == "model-name");
  world.unload("model-name").value();
  CHECK(world.parts.runtime().models.resolve("big/model").value().name == "big/model");
  CHECK(world.parts.runtime().models.resolve("big/model").value().state == ModelState::not_loaded);
}

TEST_CASE("progress and notices of a load arrive on the caller's thread, in order", "[models]") {
  ModelWorld world;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext&) {
    sink.on_progress(0.5);
    sink.on_notice("half of it");
    sink.on_progress(1.5);
    return world.server->keep(request);
  };
  std::vector<std::string> heard;
  const LoadedModel model = world
                                .load("big/model", {},
                                      [&, caller = std::this_thread::get_id()](const LoadEvent& event) {
                                        CHECK(std::this_thread::get_id() == caller);
                                        heard.push_back(event.notice.empty() ? std::to_string(event.fraction)
                                                                             : std::string(event.notice));
                                        return Flow::proceed;
                                      })
                                .value();
  CHECK(heard == Names{"0.500000", "half of it", "1.000000"});
  CHECK(model.notices == Names{"half of it"});
}

TEST_CASE("a setting out of range is refused before anything is loaded", "[models]") {
  ModelWorld world;
  const Error error = world.load("big/model", {.context_length = 0, .cache_type_k = "q3"}).error();
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK_THAT(error.message, ContainsSubstring("context_length: '0' is out of range: expected at least 1"));
  CHECK_THAT(error.message, ContainsSubstring("cache_type_k: 'q3' is not one of 'f32', 'f16'"));
  CHECK(world.server->requests().empty());
}

TEST_CASE("a stop token ends a load", "[models]") {
  ModelWorld world;
  std::stop_source stop;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext& context) {
    stop.request_stop();
    return until_cancelled(request, sink, context);
  };
  CHECK(world.load("big/model", {}, {}, stop.get_token()).error().code == ErrorCode::cancelled);
}

TEST_CASE("a callback ends a load, also one whose provider only hears of the cancellation", "[models]") {
  ModelWorld world;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext& context) {
    CHECK(sink.on_progress(0.1) == Flow::stop);
    CHECK(sink.on_progress(0.2) == Flow::stop);
    return until_cancelled(request, sink, context);
  };
  int heard = 0;
  const auto result = world.load("big/model", {}, [&](const LoadEvent&) {
    ++heard;
    return Flow::stop;
  });
  CHECK(result.error().code == ErrorCode::cancelled);
  CHECK(heard == 1);
}

TEST_CASE("what a callback throws ends the load and reaches the caller", "[models]") {
  ModelWorld world;
  world.server->on_load = [&](const LoadRequest& request, LoadSink& sink, const CallContext& context) {
    sink.on_progress(0.1);
    return until_cancelled(request, sink, context);
  };
  CHECK_THROWS_WITH(
      world.load("big/model", {}, [](const LoadEvent&) -> Flow { throw std::runtime_error("mine"); }),
      "mine");
}

TEST_CASE("the load clock ends a load, and is named", "[models]") {
  ModelWorld world({}, {.load = 20ms});
  world.server->on_load = until_cancelled;
  const Error error = world.load("big/model").error();
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.detail["clock"] == Value("load"));
  CHECK(error.message == "no loaded model at 'fake' within 20 ms");
}

TEST_CASE("a load that was lost on the way is not made twice", "[models]") {
  ModelWorld world;
  calls::ProviderSetup one = setup("fake", world.server);
  one.policy.retry = {.attempts = 5, .backoff = 0ms};
  world.parts = make_parts({std::move(one)});
  int loads = 0;
  world.server->on_load = [&](const LoadRequest&, LoadSink&, const CallContext&) -> Result<LoadedModel> {
    ++loads;
    Error error(ErrorCode::unreachable, "the connection was lost");
    error.retryable = true;
    return error;
  };
  CHECK(world.load("big/model").error().message == "the connection was lost");
  CHECK(loads == 1);
}

TEST_CASE("many threads load and unload at a time", "[models]") {
  ModelWorld world;
  std::vector<std::future<void>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(std::async(std::launch::async, [&world, i] {
      for (int j = 0; j < 20; ++j) {
        const std::string id = std::to_string(i) + "-" + std::to_string(j);
        world.load(i % 2 ? "big/model" : "small/model", {.identifier = id}).value();
        world.status("big/model");
        if (world.unload(id).value() != Names{id}) throw std::runtime_error("another one was unloaded");
      }
    }));
  for (auto& each : all) CHECK_NOTHROW(each.get());
  CHECK(world.server->instances().empty());
}

TEST_CASE("a provider that can't manage models says so, by what was asked", "[models]") {
  ModelWorld world;
  world.server->manages = false;
  world.start({});
  const auto fake = [&]() -> const calls::ConfiguredProvider& { return world.fake(); };
  CHECK(world.load("big/model").error().message == "provider 'fake' can't load models");
  CHECK(world.parts->management.loaded(fake(), {}).error().message ==
        "provider 'fake' can't list the models in memory");
  CHECK(world.parts->management.unload_all(fake(), {}).error().message ==
        "provider 'fake' can't unload models");
  CHECK(world.parts->management.hardware(fake(), {}).error().message ==
        "provider 'fake' can't describe its hardware");
  const Error error = world.parts->management.download(fake(), {"m"}, {}, {}).error();
  CHECK(error.message == "provider 'fake' can't download models");
  CHECK(error.code == ErrorCode::unsupported);
  CHECK(world.parts->management.loaded_anywhere({}).models.empty());
}

TEST_CASE("a name that is not there has near ones", "[models]") {
  ModelWorld world;
  const Error error = world.load("big/modle").error();
  CHECK(error.code == ErrorCode::model_not_found);
  CHECK(error.detail["near"].elements().front() == Value("big/model"));
}

TEST_CASE("an estimate has the settings that the load would have", "[models]") {
  ModelWorld world(with_alias());
  LoadRequest asked;
  world.server->on_estimate = [&](const LoadRequest& request) {
    asked = request;
    return Result<MemoryEstimate>({.total_bytes = {5, Source::estimated, "fake"}});
  };
  const auto estimate = world.parts->management.estimate("chat", {.context_size_reduction = 0.5}, {});
  CHECK(estimate.value().total_bytes.value == 5);
  CHECK(asked.key == "big/model");
  CHECK(asked.settings.context_length == 8192);
  CHECK(asked.settings.context_size_reduction == std::nullopt);
}

TEST_CASE("a reply says when its server loads its model without the configured settings, and only then",
          "[models]") {
  Config config = with_alias();
  config.models.front().owner = ModelOwner::jit;
  ModelWorld world(config);
  const auto notices = [&](const std::string& name) {
    return world.parts->generator.generate({{.model = name, .messages = {user("hi")}}}, {}).value().notices;
  };
  world.server->on_chat = [&] {
    world.server->keep({.key = "big/model"}).value();  // as a server does by itself
    return ChatOutcome{.finish = Finish::stop};
  };
  CHECK(
      notices("chat") ==
      Names{
          "'big/model' was not in memory: its server loads it without the load settings of the configuration "
          "(context_length, threads, use_mmap); `tachikoma load chat`, or load_model, applies them"});
  CHECK(notices("chat") ==
        Names{"'big/model' is in memory with other load settings than those of the configuration: "
              "context_length, threads, use_mmap are not reported by its server; load it again: tachikoma "
              "unload big/model, then tachikoma load chat"});
  CHECK(world.parts.runtime().models.resolve("chat").value().state == ModelState::loaded);
}

TEST_CASE("load settings for a provider that loads nothing are warned about, each place once", "[models]") {
  Config config = with_alias();
  config.providers.push_back({.id = "fake", .load = {.threads = 2}});
  ModelWorld world(config);
  CHECK(useless_load_settings(config, world.parts->providers).empty());
  world.server->manages = false;
  CHECK(useless_load_settings(config, world.parts->providers) ==
        Names{"providers.fake: threads: no effect, because provider 'fake' can't load models",
              "models.chat: context_length: no effect, because provider 'fake' can't load models",
              "defaults: threads, use_mmap: no effect, because no provider can load models"});
}
