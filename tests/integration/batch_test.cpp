// SPDX-License-Identifier: MIT
#include <algorithm>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/resources.hpp"
#include "support/simulator.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<TextRequest> numbered(std::size_t count, const std::string& model) {
  std::vector<TextRequest> requests;
  for (std::size_t i = 0; i < count; ++i)
    requests.push_back({.model = model, .messages = {user(std::to_string(i))}});
  return requests;
}

// The most threads that this process had whenever a request had ended.
std::size_t threads_of(Runtime& runtime, std::vector<TextRequest> requests, std::size_t concurrency,
                       std::vector<Result<Reply>>& results) {
  std::size_t most = 0, told = 0;
  results = runtime
                .batch_generate(std::move(requests), {.concurrency = concurrency,
                                                      .on_progress =
                                                          [&](const BatchProgress&) {
                                                            if (told++ % 100 == 0)
                                                              most = std::max(most, Resources().threads);
                                                          }})
                .value();
  return most;
}

}  // namespace

TEST_CASE("10,000 requests of a batch need no thread each", "[integration][batch]") {
  Runtime runtime =
      Runtime::with({.plugin = "echo", .base_url = "", .model = "echo::echo-small"}, [](auto&&...) {
      }).value();
  const std::size_t before = Resources().threads;
  std::vector<Result<Reply>> results;
  const std::size_t most = threads_of(runtime, numbered(10'000, "echo::echo-small"), 1000, results);
  CHECK(most <= before + 40);  // echo blocks: 32 workers, and the runtime's own
  REQUIRE(results.size() == 10'000);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!results[i] || results[i]->text != std::to_string(i)) ++wrong;
  CHECK(wrong == 0);
}

TEST_CASE("500 requests at a time over HTTP need a handful of threads", "[integration][batch]") {
  const Simulator simulator;
  Runtime runtime =
      Runtime::with({.plugin = "openai", .base_url = simulator.base_url() + "/v1"}, [](auto&&...) {}).value();
  const std::size_t before = Resources().threads;
  std::vector<Result<Reply>> results;
  const std::size_t most = threads_of(runtime, numbered(500, "mistral-7b"), 500, results);
  CHECK(most <= before + 10);
  CHECK(std::ranges::count_if(results, [](const Result<Reply>& each) { return static_cast<bool>(each); }) ==
        500);
}

TEST_CASE("a batch runs as many requests at a time as the model in memory takes", "[integration][batch]") {
  const Simulator simulator("models: [{key: m, size: 1GB, parallel: 4}]\n");
  Runtime runtime = Runtime::with({.base_url = simulator.base_url()}, [](auto&&...) {}).value();
  REQUIRE(runtime.load_model("m", {.parallel = 2}));
  // two answers stop in their middle, and nobody asks for a third
  simulator.play("hold: {answers: [m]}");
  std::stop_source stop;
  auto replies = std::async(std::launch::async, [&] {
    return runtime.batch_generate(numbered(6, "m"), {.stop = stop.get_token()}).value();
  });
  simulator.wait_for([](const Value& state) { return state["open_streams"] == Value(2); });
  const Value state = simulator.state();
  CHECK(std::ranges::count_if(state["requests"].elements(), [](const Value& each) {
          return each["path"].as_string().ends_with("/chat/completions") ||
                 each["path"].as_string().ends_with("/v1/chat");
        }) == 2);
  simulator.play("hold: {}");
  for (const Result<Reply>& reply : replies.get()) CHECK(reply);
}
