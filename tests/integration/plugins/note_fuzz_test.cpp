// SPDX-License-Identifier: MIT
#include <cstring>
#include <random>

#include "plugin_support.hpp"
#include "plugins/elf_note.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A file in memory, so that the sanitizer sees every byte that is read past its end.
class MemoryBytes final : public plugins::Bytes {
 public:
  MemoryBytes(const std::string& bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override {
    if (offset > size_ || count > size_ - offset) return false;
    std::memcpy(to, bytes_.data() + offset, count);
    return true;
  }

 private:
  const std::string& bytes_;
  std::size_t size_;
};

}  // namespace

TEST_CASE("no truncation of a plugin is taken for a whole one", "[plugins]") {
  const std::string file = read_file(bad_plugin("throws_int"));
  REQUIRE(plugins::read_note(MemoryBytes(file, file.size())));
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < file.size(); ++size)
    if (plugins::read_note(MemoryBytes(file, size))) ++accepted;
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
    const auto note = plugins::read_note(MemoryBytes(file, file.size()));
    if (!note) {
      ++refused;
      CHECK(note.error().code == ErrorCode::plugin_refused);
    }
  }
  CHECK(refused > 100);
}
