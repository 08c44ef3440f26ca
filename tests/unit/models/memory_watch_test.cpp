// SPDX-License-Identifier: MIT
#include "models/memory_watch.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using models::MemoryBytes;
using models::MemorySample;

namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

Sourced<std::int64_t> gib(std::int64_t count) { return {count * kGiB, Source::measured, "test"}; }

MemorySample machine(std::int64_t ram, std::int64_t free) {
  MemorySample sample;
  sample.ram.limit_bytes = gib(ram);
  sample.ram.available_bytes = gib(free);
  return sample;
}

const models::Schedule::Limits kSixteen{.ram = 16 * kGiB, .vram = 8 * kGiB};

}  // namespace

TEST_CASE("while there is room, nothing is withheld from the models", "[models]") {
  CHECK(models::withheld(machine(20, 20), kSixteen, 0.2, {}) == MemoryBytes{});
  CHECK(models::withheld(machine(20, 10), kSixteen, 0.2, {10 * kGiB, 0}) == MemoryBytes{});
}

TEST_CASE("what other programs hold is withheld, and the headroom stays free", "[models]") {
  // 6 GiB of others: of the 16 that models may have, 10 are left
  CHECK(models::withheld(machine(20, 14), kSixteen, 0.2, {}) == MemoryBytes{6 * kGiB, 0});
  // 10 GiB are the models' own
  CHECK(models::withheld(machine(20, 4), kSixteen, 0.2, {10 * kGiB, 0}) == MemoryBytes{6 * kGiB, 0});
  // the others want more than the headroom leaves: the models have to give back 2
  CHECK(models::withheld(machine(20, 2), kSixteen, 0.2, {10 * kGiB, 0}) == MemoryBytes{8 * kGiB, 0});
}

TEST_CASE("while every program waits for memory, models get no more of it", "[models]") {
  MemorySample sample = machine(20, 14);
  sample.ram.pressure.full = {0.25, Source::measured, "test"};
  CHECK(models::withheld(sample, kSixteen, 0.2, {5 * kGiB, 0}) == MemoryBytes{11 * kGiB, 0});
  CHECK(models::shortage(sample, 0.2) == "every program waited for memory in 25% of the last ten seconds");
}

TEST_CASE("the memory of GPUs is watched as RAM is", "[models]") {
  MemorySample sample = machine(20, 20);
  sample.gpus.memory_bytes = gib(10);
  sample.gpus.free_bytes = gib(1);
  CHECK(models::withheld(sample, kSixteen, 0.2, {0, 6 * kGiB}) == MemoryBytes{0, 3 * kGiB});
  CHECK(models::shortage(sample, 0.2) ==
        "1.0 GiB of 10.0 GiB of GPU memory are free, and 2.0 GiB (20%) are to stay free");
}

TEST_CASE("a shortage is told with its figures", "[models]") {
  CHECK(models::shortage(machine(20, 3), 0.2) ==
        "3.0 GiB of 20.0 GiB of RAM are free, and 4.0 GiB (20%) are to stay free");
  CHECK_FALSE(models::shortage(machine(20, 4), 0.2));
  CHECK_FALSE(models::shortage({}, 0.2));
}

TEST_CASE("what is not known withholds nothing", "[models]") {
  CHECK(models::withheld({}, kSixteen, 0.2, {}) == MemoryBytes{});
  CHECK(models::withheld(machine(20, 0), {}, 0.2, {}) == MemoryBytes{});
}
