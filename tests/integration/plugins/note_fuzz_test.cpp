// SPDX-License-Identifier: MIT
#include <random>

#include "plugin_support.hpp"
#include "plugins/elf_note.hpp"
#include "support/catch.hpp"
#include "support/memory_bytes.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("no truncation of a plugin is taken for a whole one", "[plugins]") {
  const std::string file = read_file(bad_plugin("throws_int"));
  REQUIRE(plugins::read_note(MemoryBytes(file)));
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < file.size(); ++size)
    if (plugins::read_note(MemoryBytes(std::string_view(file).substr(0, size)))) ++accepted;
  CHECK(accepted == 0);
}

TEST_CASE("flipped bytes are read without harm", "[plugins]") {
  const std::string good = read_file(bad_plugin("throws_int"));
  std::mt19937 random(2029);
  std::size_t refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string file = good;
    // half of the flips go to the headers, where they matter
    const std::size_t range = i % 2 ? file.size() : 1024;
    for (int flips = 1 + i % 4; flips > 0; --flips) file[random() % range] = static_cast<char>(random());
    const auto note = plugins::read_note(MemoryBytes(file));
    if (!note) {
      ++refused;
      CHECK(note.error().code == ErrorCode::plugin_refused);
    }
  }
  CHECK(refused > 100);
}
