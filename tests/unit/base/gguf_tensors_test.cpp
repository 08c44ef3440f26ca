// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <vector>

#include "base/gguf.hpp"
#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

template <class T>
std::string number_bytes(T number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

// A file with one tensor, whose numbers take `bytes`.
std::string file_with(std::uint32_t type, const std::vector<std::uint64_t>& dimensions, std::size_t bytes,
                      std::uint32_t alignment = 32, std::uint64_t offset = 0) {
  GgufWriter writer;
  writer.add("general.architecture", "llama");
  writer.add("general.alignment", alignment);
  std::string file = writer.head();
  file[8] = 1;  // the count of tensors
  file += number_bytes<std::uint64_t>(1) + "t" + number_bytes(static_cast<std::uint32_t>(dimensions.size()));
  for (const std::uint64_t each : dimensions) file += number_bytes(each);
  file += number_bytes(type) + number_bytes(offset);
  while (alignment > 0 && file.size() % alignment != 0) file += '\0';
  return file + std::string(bytes, 'x');
}

bool is_whole(const std::string& file) { return static_cast<bool>(read_gguf(MemoryBytes(file))); }

}  // namespace

TEST_CASE("the numbers of each kind of tensor take their place, to the byte", "[gguf]") {
  struct Kind {
    std::uint32_t type;
    std::size_t bytes;  // of 512 numbers
  };
  for (const Kind& kind : {Kind{0, 2048},
                           {1, 1024},
                           {2, 288},
                           {3, 320},
                           {6, 352},
                           {8, 544},
                           {10, 168},
                           {12, 288},
                           {14, 420},
                           {20, 288},
                           {23, 272},
                           {28, 4096},
                           {30, 1024},
                           {34, 108},
                           {39, 272},
                           {40, 288}}) {
    CAPTURE(kind.type);
    CHECK(is_whole(file_with(kind.type, {256, 2}, kind.bytes)));
    const auto cut = read_gguf(MemoryBytes(file_with(kind.type, {256, 2}, kind.bytes - 1)));
    REQUIRE_FALSE(cut);
    CHECK_THAT(cut.error().message, ContainsSubstring("the file is cut short: its tensors need "));
  }
}

TEST_CASE("of a tensor of an unknown kind only the place is checked, and the number kept", "[gguf]") {
  for (const std::uint32_t type : {4u, 31u, 38u, 41u, 4000u}) {
    CAPTURE(type);
    const std::string file = file_with(type, {256, 2}, 1);
    CHECK(read_gguf(MemoryBytes(file)).value().unknown_types == std::vector<std::int64_t>{type});
    CHECK_FALSE(is_whole(file_with(type, {256, 2}, 1, 32, 64)));
  }
}

TEST_CASE("an alignment of its own moves the numbers of a file", "[gguf]") {
  CHECK(is_whole(file_with(0, {8}, 32, 4096)));
  CHECK_FALSE(is_whole(file_with(0, {8}, 31, 4096)));
  CHECK(is_whole(file_with(0, {8}, 32, 1)));
  CHECK(is_whole(file_with(0, {8}, 32, 0)));
}

TEST_CASE("sizes that no file has are refused, and no sum of them wraps round", "[gguf]") {
  const std::uint64_t huge = ~std::uint64_t{0};
  CHECK_FALSE(is_whole(file_with(0, {huge, huge, huge, huge}, 64)));
  CHECK_FALSE(is_whole(file_with(0, {std::uint64_t{1} << 62, 16}, 64)));
  CHECK_FALSE(is_whole(file_with(0, {8}, 64, 32, huge)));
  CHECK_FALSE(is_whole(file_with(0, {8}, 64, 32, huge - 31)));
  const auto nine = read_gguf(MemoryBytes(file_with(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, 64)));
  REQUIRE_FALSE(nine);
  CHECK_THAT(nine.error().message, ContainsSubstring("the tensor 't' has 9 dimensions"));
  std::string many = file_with(0, {8}, 64);
  many.replace(8, 8, number_bytes(huge));
  CHECK_FALSE(is_whole(many));
}

TEST_CASE("a list of tensors that is cut short anywhere is refused", "[gguf]") {
  const std::string file = file_with(0, {8, 2}, 64);
  REQUIRE(is_whole(file));
  for (std::size_t size = 4; size < file.size(); ++size) {
    CAPTURE(size);
    const auto cut = read_gguf(MemoryBytes(file.substr(0, size)));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == ErrorCode::protocol);
  }
}
