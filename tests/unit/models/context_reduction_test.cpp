// SPDX-License-Identifier: MIT
#include "models/context_reduction.hpp"

#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using models::next_context;

namespace {

using Contexts = std::vector<std::optional<std::int64_t>>;

Contexts contexts(const FakeModelServer& server) {
  Contexts all;
  for (const LoadRequest& request : server.requests()) all.push_back(request.settings.context_length);
  return all;
}

LoadSettings reducing(std::optional<std::int64_t> context, double factor = 0.5) {
  return {.context_length = context, .context_size_reduction = factor};
}

/// What the callback hears while a model is loaded.
struct Ear {
  std::vector<std::string> notices;
  LoadCallback callback = [this](const LoadEvent& event) {
    if (!event.notice.empty()) notices.emplace_back(event.notice);
    return Flow::proceed;
  };
};

}  // namespace

TEST_CASE("the next context is a multiple of 256 or the floor, and smaller", "[models]") {
  CHECK(next_context(16384, 0.5, 2048) == 8192);
  CHECK(next_context(5000, 0.5, 2048) == 2304);
  CHECK(next_context(3000, 0.5, 2048) == 2048);
  CHECK(next_context(2048, 0.5, 2048) == std::nullopt);
  CHECK(next_context(1000, 0.5, 2048) == std::nullopt);
  CHECK(next_context(300, 0.99, 1) == 256);
  CHECK(next_context(256, 0.5, 1) == 1);
  CHECK(next_context(1, 0.5, 1) == std::nullopt);
}

TEST_CASE("from any context, by any factor, the floor is reached", "[models]") {
  const auto factor = GENERATE(0.01, 0.3, 0.5, 0.9, 0.999);
  const auto start = GENERATE(as<std::int64_t>(), 1, 255, 2049, 40'000, 1'000'003);
  std::int64_t context = start;
  while (const auto next = next_context(context, factor, 100)) {
    CHECK(*next < context);
    CHECK((*next % 256 == 0 || *next == 100));
    context = *next;
  }
  CHECK(context == std::min<std::int64_t>(start, 100));
}

TEST_CASE("a model that does not fit is loaded with a smaller context where that is asked for", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 5000;
  Ear ear;
  const LoadedModel model = world.load("big/model", reducing(16384), ear.callback).value();
  CHECK(contexts(*world.server) == Contexts{16384, 8192, 4096});
  CHECK(ear.notices ==
        std::vector<std::string>{
            "it does not fit into memory with a context of 16384 tokens; trying a context of 8192 tokens",
            "it does not fit into memory with a context of 8192 tokens; trying a context of 4096 tokens"});
  CHECK(model.notices == ear.notices);
  REQUIRE(model.unapplied.size() == 1);
  CHECK(model.unapplied[0].name == "context_length");
  CHECK(model.unapplied[0].asked == Value(16384));
  CHECK(model.unapplied[0].applied == Value(4096));
}

TEST_CASE("without context_size_reduction a load is made once", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 5000;
  const auto settings = GENERATE(LoadSettings{.context_length = 16384}, reducing(16384, 1));
  const Error error = world.load("big/model", settings).error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.message == "it does not fit");
  CHECK(contexts(*world.server) == Contexts{16384});
}

TEST_CASE("an estimate spares the loads that would not fit", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 5000;
  world.server->on_estimate = [](const LoadRequest& request) {
    const std::int64_t context = request.settings.context_length.value_or(0);
    return Result<MemoryEstimate>(
        {.total_bytes = {context * 1000, Source::estimated, "the fake"}, .fits = context <= 5000});
  };
  CHECK(world.load("big/model", reducing(16384)).value().applied.context_length == 4096);
  CHECK(contexts(*world.server) == Contexts{4096});
}

TEST_CASE("an estimate may be wrong: a load that fails is followed by a smaller one", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 5000;
  world.server->on_estimate = [](const LoadRequest&) { return Result<MemoryEstimate>({.fits = true}); };
  CHECK(world.load("big/model", reducing(16384)).value().applied.context_length == 4096);
  CHECK(contexts(*world.server) == Contexts{16384, 8192, 4096});
}

TEST_CASE("at the floor the error names every context that was tried", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 100;
  LoadSettings settings = reducing(16384);
  settings.min_context_length = 4000;
  const Error error = world.load("big/model", settings).error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.message ==
        "'big/model' does not fit into memory with any context that was tried: 16384, 8192, 4096, 4000; the "
        "last failure: it does not fit");
  CHECK(error.hint == "unload other models, load a smaller one, or lower min_context_length, which is 4000");
  CHECK(error.detail["contexts"] == Value::array({16384, 8192, 4096, 4000}));
  CHECK(error.detail["required_bytes"] == Value(2000));
}

TEST_CASE("the estimate of what does not fit is in the error", "[models]") {
  ModelWorld world;
  world.server->on_estimate = [](const LoadRequest&) {
    return Result<MemoryEstimate>({.total_bytes = {7000, Source::estimated, "the fake"}, .fits = false});
  };
  const Error error = world.load("big/model", reducing(2048)).error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK_THAT(error.message, ContainsSubstring("it would take 7000 bytes (estimated: the fake)"));
  CHECK(error.detail["required_bytes"] == Value(7000));
  CHECK(world.server->requests().empty());
}

TEST_CASE("where no context was asked for, the model's longest is where the reduction starts", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 10000;
  const LoadedModel model = world.load("big/model", reducing({})).value();
  CHECK(contexts(*world.server) == Contexts{std::nullopt, 16384, 8192});
  CHECK(
      model.notices.front() ==
      "it does not fit into memory with the context that the server chose; trying a context of 16384 tokens");
  CHECK(model.unapplied.empty());
}

TEST_CASE("where nobody knows how long a context can be, none is invented", "[models]") {
  const models::LoadSteps steps{
      .estimate = [](const LoadSettings&) { return Error(ErrorCode::unsupported, "none"); },
      .load = [](const LoadSettings&) { return Error(ErrorCode::insufficient_memory, "it does not fit"); },
      .max_context = [] { return Sourced<std::int64_t>{.basis = "the fake does not say"}; },
      .notify = [](const std::string&) {}};
  const Error error = models::load_reducing("m", reducing({}), steps).error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK_THAT(error.message, ContainsSubstring("is not known (the fake does not say)"));
  CHECK(error.hint == "set context_length");
}

TEST_CASE("another failure than for memory ends it", "[models]") {
  ModelWorld world;
  world.server->on_load = [](const LoadRequest&, LoadSink&, const CallContext&) -> Result<LoadedModel> {
    return Error(ErrorCode::invalid_argument, "no such thing");
  };
  CHECK(world.load("big/model", reducing(16384)).error().message == "no such thing");
  world.server->on_estimate = [](const LoadRequest&) -> Result<MemoryEstimate> {
    return Error(ErrorCode::protocol, "no estimate came");
  };
  CHECK(world.load("big/model", reducing(16384)).error().message == "no estimate came");
}

TEST_CASE("who stops at a notice gets no further attempt", "[models]") {
  ModelWorld world;
  world.server->fitting_context = 100;
  const auto result = world.load("big/model", reducing(16384), [](const LoadEvent&) { return Flow::stop; });
  CHECK(result.error().code == ErrorCode::cancelled);
  CHECK(contexts(*world.server) == Contexts{16384});
}

TEST_CASE("no provider sees the settings of the reduction", "[models]") {
  ModelWorld world;
  LoadSettings settings = reducing(4096);
  settings.min_context_length = 1024;
  world.load("big/model", settings).value();
  CHECK(world.server->requests().front().settings == LoadSettings{.context_length = 4096});
}
