// SPDX-License-Identifier: MIT
#include "tachikoma/memory_report.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("what is in memory has a JSON form", "[api][json]") {
  const auto at = std::chrono::system_clock::time_point(1'790'000'000'500ms);
  const MemoryReport report{
      .models = {{.provider = "lmstudio",
                  .endpoint = "http://127.0.0.1:1234",
                  .key = "mistral-7b",
                  .residence = Residence::loaded,
                  .pinned = true,
                  .leases = 1,
                  .waiting = 2,
                  .ram_bytes = {4'000'000'000, Source::estimated, "from its file and settings"},
                  .vram_bytes = {0, Source::estimated, "from its file and settings"},
                  .in_memory_for = {90s, Source::measured, "since this program knows of it"},
                  .unused_for = {0s, Source::measured, "by this program"},
                  .ttl = 1h,
                  .min_residence = 5s},
                 {.provider = "lmstudio", .key = "gone", .residence = Residence::absent, .foreign = true}},
      .switches = {{.at = at,
                    .provider = "lmstudio",
                    .key = "mistral-7b",
                    .loaded = true,
                    .reason = "asked for 120 ms ago"}}};
  check_golden("cli/memory_report.json", to_json(to_value(report), 2) + "\n");
}
