// SPDX-License-Identifier: MIT
// A cancelled generation ends on a real server too. How soon is printed, not judged: a crowded machine is no
// defect.
#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <stop_token>
#include <utility>
#include <vector>

#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kTries = 20;

// From the request to stop until the server says that its slot is free.
double time_to_free_slot(const LlamaServer& server, Runtime& runtime, bool async) {
  std::stop_source stop;
  std::promise<void> first_token, ended;
  bool told = false;
  TextRequest request{.messages = {user("Hello")}, .settings = {.max_tokens = 30000}};
  request.stop = stop.get_token();
  const auto on_delta = [&](const Delta& delta) {
    if (delta.kind == Delta::Kind::text && !std::exchange(told, true)) first_token.set_value();
    return Flow::proceed;
  };
  std::future<void> blocking;
  if (async)
    runtime.stream_text_async(request, on_delta, [&](Result<Reply>) { ended.set_value(); });
  else
    blocking = std::async(std::launch::async, [&] {
      static_cast<void>(runtime.stream_text(request, on_delta));
      ended.set_value();
    });
  first_token.get_future().wait();
  const Clock::time_point start = Clock::now();
  stop.request_stop();
  wait_until(
      std::chrono::seconds(20), [&] { return !server.busy(); }, [] { return "the slot is still taken"; });
  const Milliseconds time = Clock::now() - start;
  ended.get_future().wait();
  return time.count();
}

}  // namespace

TEST_CASE("a cancelled generation frees the slot of a real server", "[real][cancel]") {
  const LlamaServer server = LlamaServer::with_model(tireless("alpha"));
  Runtime runtime =
      Runtime::with({.plugin = "openai", .base_url = server.base_url(), .model = "alpha"}).value();
  for (const bool async : {false, true}) {
    std::vector<double> times;
    for (int i = 0; i < kTries; ++i) times.push_back(time_to_free_slot(server, runtime, async));
    std::sort(times.begin(), times.end());
    WARN((async ? "async" : "blocking")
         << ": slot free after " << times[kTries / 2] << " ms (median), " << times.back() << " ms (most)");
  }
  CHECK_FALSE(server.busy());
}
