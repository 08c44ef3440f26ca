// SPDX-License-Identifier: MIT
#include <stdexcept>

#include "async/timer.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

Result<Downloaded> download(ModelWorld& world, const DownloadCallback& on_progress = {},
                            std::stop_token stop = {}) {
  return world.parts->management.download(world.fake(), {.name = "new/model"}, on_progress, std::move(stop));
}

}  // namespace

TEST_CASE("a download tells its progress and what came of it", "[models]") {
  ModelWorld world;
  world.server->on_download = [](const DownloadRequest& request, DownloadSink& sink, const CallContext&) {
    sink.on_progress({.done_bytes = 10, .total_bytes = {20, Source::reported, "fake"}});
    return Result<Downloaded>({.name = request.name, .size_bytes = {20, Source::reported, "fake"}});
  };
  std::int64_t done = 0;
  const Downloaded model = download(world, [&](const DownloadProgress& progress) {
                             done = progress.done_bytes;
                             return Flow::proceed;
                           }).value();
  CHECK(model.name == "new/model");
  CHECK(done == 10);
}

TEST_CASE("a download ends with the callback, with its exception and with the token", "[models]") {
  ModelWorld world;
  world.server->on_download = [](const DownloadRequest&, DownloadSink& sink,
                                 const CallContext& context) -> Result<Downloaded> {
    sink.on_progress({.done_bytes = 10});
    wait_for_cancel(context);
    return Error(ErrorCode::internal, "what a provider makes of it");
  };
  CHECK(download(world, [](const DownloadProgress&) { return Flow::stop; }).error().code ==
        ErrorCode::cancelled);
  CHECK_THROWS_WITH(
      download(world, [](const DownloadProgress&) -> Flow { throw std::runtime_error("mine"); }), "mine");
  std::stop_source stop;
  CHECK(download(
            world,
            [&](const DownloadProgress&) {
              stop.request_stop();
              return Flow::proceed;
            },
            stop.get_token())
            .error()
            .code == ErrorCode::cancelled);
}

TEST_CASE("a download is late when nothing arrives, however long it is", "[models]") {
  constexpr auto kLimit = 20ms;
  ModelWorld world({}, {.load = kLimit});
  using Clock = Timer::Clock;
  Clock::duration silence{};
  world.server->on_download = [&](const DownloadRequest&, DownloadSink& sink,
                                  const CallContext& context) -> Result<Downloaded> {
    context.enter(Phase::loading);
    const Clock::time_point pause = Clock::now() + 2 * kLimit;
    Clock::time_point last = Clock::now();
    for (DownloadProgress progress; sink.on_progress(progress) == Flow::proceed;) {
      if (Clock::now() > pause) continue;
      last = Clock::now();
      ++progress.done_bytes;
    }
    silence = Clock::now() - last;
    return Error(ErrorCode::internal, "what a provider makes of it");
  };
  const Error error = download(world).error();
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.message == "no progress of the download on 'fake' within 20 ms");
  CHECK(silence >= kLimit);
}

TEST_CASE("a download without a name is refused", "[models]") {
  ModelWorld world;
  CHECK(world.parts->management.download(world.fake(), {}, {}, {}).error().code ==
        ErrorCode::invalid_argument);
}
