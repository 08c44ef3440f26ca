// SPDX-License-Identifier: MIT
// What it costs to lease a model that is in memory, and to give it back: alone, and from many threads at
// once.
//   usage: bench-leases [LEASES]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "models/scheduler.hpp"

namespace {

using namespace tachikoma;
using models::MemoryBytes;

constexpr std::chrono::milliseconds kLimit = std::chrono::hours(1);

class Loader final : public models::ModelLoader {
 public:
  Result<Loaded> load(ModelId, std::stop_token) override { return Loaded{}; }
  Status unload(ModelId) override { return Done{}; }
};

double microseconds_each(models::Scheduler& scheduler, models::Scheduler::ModelId model, int leases,
                         int threads) {
  const auto lease_all = [&] {
    for (int i = 0; i < leases / threads; ++i)
      if (!scheduler.acquire(model, kLimit, {})) std::abort();
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i) callers.emplace_back(lease_all);
  for (std::thread& each : callers) each.join();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / leases;
}

}  // namespace

int main(int argc, char** argv) {
  const int leases = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  if (leases < 100) return std::fputs("usage: bench-leases [LEASES], at least 100\n", stderr), 2;
  Timer timer;
  Loader loader;
  const models::Batching policy;
  models::Scheduler scheduler({.max_instances = 100}, policy, loader, timer);
  for (int i = 0; i < 99; ++i) scheduler.add({.name = std::to_string(i)});
  const auto model = scheduler.add({.name = "used"});
  if (!scheduler.acquire(model, kLimit, {})) return 1;
  for (const int threads : {1, 16})
    std::printf("%2d threads: %.2f us for each of %d leases\n", threads,
                microseconds_each(scheduler, model, leases, threads), leases);
  return 0;
}
