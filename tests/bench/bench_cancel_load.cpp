// SPDX-License-Identifier: MIT
// How long a load takes to return once a stop is requested, and until LM Studio's simulator has seen it.
//   usage: bench-cancel-load [TRIES [RUNS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/simulator.hpp"

#include <tachikoma/tachikoma.hpp>

namespace {

using namespace tachikoma;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Try {
  double returned;  ///< ms after the request to stop
  double seen;      ///< the same, until the simulator's journal had it
};

std::int64_t stopped(const testing::Simulator& simulator) {
  return simulator.state()["counters"]["stopped"].as_integer();
}

Try try_once(Runtime& runtime, const testing::Simulator& simulator) {
  const std::int64_t before = stopped(simulator);
  std::stop_source stop;
  std::binary_semaphore under_way{0};
  ErrorCode code = ErrorCode::internal;
  Clock::time_point end;
  bool told = false;
  std::thread caller([&] {
    const auto on_event = [&](const LoadEvent&) {
      if (!std::exchange(told, true)) under_way.release();
      return Flow::proceed;
    };
    const Result<LoadedModel> loaded = runtime.load_model("slow", {}, on_event, stop.get_token());
    end = Clock::now();
    if (!loaded) code = loaded.error().code;
    if (!told) under_way.release();
  });
  under_way.acquire();
  const Clock::time_point start = Clock::now();
  stop.request_stop();
  caller.join();
  if (code != ErrorCode::cancelled)
    throw std::runtime_error("a cancelled load ended as " + std::string(to_string(code)));
  while (stopped(simulator) == before)
    if (Clock::now() - start > std::chrono::seconds(10))
      throw std::runtime_error("the simulator never saw that the load was cancelled");
  return {Milliseconds(end - start).count(), Milliseconds(Clock::now() - start).count()};
}

void report(const char* what, std::vector<double> times, std::size_t runs) {
  std::sort(times.begin(), times.end());
  std::printf(
      "cancel load: %-8s median %6.2f ms, p99 %6.2f ms, most %6.2f ms (%zu tries, best of %zu runs)\n", what,
      times[times.size() / 2], times[std::min(times.size() * 99 / 100, times.size() - 1)], times.back(),
      times.size(), runs);
}

void run(std::size_t tries, std::size_t runs) {
  const testing::Simulator simulator("models: [{key: slow, load_time: 1h}]\n");
  Runtime runtime = Runtime::with({.plugin = "lmstudio",
                                   .base_url = simulator.base_url(),
                                   .plugin_paths = {TACHIKOMA_BINARY_DIR "/plugins"}},
                                  [](Severity, std::string_view, std::string_view) {})
                        .value();
  std::vector<double> returned, seen;
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<double> these, those;
    for (std::size_t i = 0; i < tries; ++i) {
      const Try one = try_once(runtime, simulator);
      these.push_back(one.returned);
      those.push_back(one.seen);
    }
    const auto worst = [](const std::vector<double>& times) {
      return *std::max_element(times.begin(), times.end());
    };
    if (returned.empty() || worst(these) < worst(returned)) {
      returned = these;
      seen = those;
    }
  }
  report("returned", returned, runs);
  report("seen", seen, runs);
}

}  // namespace

int main(int argc, char** argv) {
  const long tries = argc > 1 ? std::atol(argv[1]) : 20;
  const long runs = argc > 2 ? std::atol(argv[2]) : 1;
  if (argc > 3 || tries < 1 || runs < 1) {
    std::fputs("usage: bench-cancel-load [TRIES [RUNS]]\n", stderr);
    return 2;
  }
  try {
    run(static_cast<std::size_t>(tries), static_cast<std::size_t>(runs));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench-cancel-load: %s\n", failure.what());
    return 1;
  }
  return 0;
}
