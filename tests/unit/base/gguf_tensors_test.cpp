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

GgufTensors tensors_of(const GgufWriter& writer) {
  std::string file = writer.head();
  file.resize(file.size() + (1 << 20));  // more than the tensors of these tests take
  return read_gguf(MemoryBytes(file)).value().tensors;
}

// With an architecture, and the embeddings of ten tokens.
GgufWriter model_file() {
  GgufWriter writer;
  writer.add("general.architecture", "llama");
  writer.add_tensor("token_embd.weight", 10, 32, {}, 0, kF16);
  return writer;
}

GgufBlock block_with(const std::vector<const char*>& names) {
  GgufWriter writer = model_file();
  for (const char* const name : names) writer.add_tensor(std::string("blk.0.") + name, 2, 32, {});
  return tensors_of(writer).blocks.at(0);
}

}  // namespace

TEST_CASE("tensors are counted by where an engine puts them", "[gguf]") {
  GgufWriter writer = model_file();
  writer.add_tensor("token_types.weight", 0, 32, {});
  writer.add_tensor("blk.0.attn_k.weight", 2, 32, {}, 0, kQ8_0);
  writer.add_tensor("blk.2.ffn_down.weight", 4, 64, {}, 0, kQ4_0);
  writer.add_tensor("output_norm.weight", 0, 32, {});
  const GgufTensors tied = tensors_of(writer);
  CHECK(tied.count == 5);
  CHECK(tied.parameters == 320 + 32 + 64 + 256 + 32);
  CHECK(tied.bytes == 640 + 128 + 68 + 144 + 128);
  CHECK(tied.input_bytes == 640 + 128);
  CHECK(tied.embedding_bytes == 640);
  CHECK(tied.output_bytes == 128);
  CHECK(tied.vocabulary == 10);
  CHECK_FALSE(tied.output);
  REQUIRE(tied.blocks.size() == 3);
  CHECK(tied.blocks[0].bytes == 68);
  CHECK(tied.blocks[1].bytes == 0);
  CHECK(tied.blocks[2].bytes == 144);
  writer.add_tensor("output.weight", 10, 32, {});
  CHECK(tensors_of(writer).output);
  CHECK(tensors_of(writer).output_bytes == 128 + 1280);
}

TEST_CASE("a block is known by its tensors", "[gguf]") {
  CHECK(block_with({"attn_norm.weight", "attn_k.weight"}).attention);
  CHECK(block_with({"attn_qkv.weight"}).attention);
  CHECK(block_with({"attn_kv_a_mqa.weight"}).attention);
  CHECK_FALSE(block_with({"attn_norm.weight", "ffn_up.weight"}).attention);
  CHECK(block_with({"attn_k.weight"}).state == GgufState::none);
  CHECK(block_with({"ssm_in.weight", "ssm_x.weight", "ssm_a"}).state == GgufState::mamba);
  CHECK(block_with({"ssm_a", "ssm_x.weight", "ssm_in.weight"}).state == GgufState::mamba);
  CHECK(block_with({"ssm_a", "ssm_in.weight", "ssm_out.weight"}).state == GgufState::mamba2);
  CHECK(block_with({"attn_qkv.weight", "ssm_a", "ssm_out.weight"}).state == GgufState::delta_net);
  CHECK(block_with({"shortconv.conv.weight"}).state == GgufState::convolution);
  CHECK(block_with({"time_mix_key.weight"}).state == GgufState::rwkv);
}

TEST_CASE("a feed-forward is as long as what it takes back, and may have a gate", "[gguf]") {
  GgufWriter plain = model_file(), gated = model_file(), fused = model_file(), experts = model_file();
  for (GgufWriter* each : {&plain, &gated}) {
    each->add_tensor("blk.0.ffn_up.weight", 96, 32, {});
    each->add_tensor("blk.0.ffn_down.weight", 32, 96, {});
  }
  gated.add_tensor("blk.0.ffn_gate.weight", 96, 32, {});
  fused.add_tensor("blk.0.ffn_up.weight", 192, 32, {});
  fused.add_tensor("blk.0.ffn_down.weight", 32, 96, {});
  experts.add_tensor("blk.0.ffn_down_exps.weight", 32, 64, {}, 4);
  CHECK(tensors_of(plain).feed_forward == 96);
  CHECK_FALSE(tensors_of(plain).gated());
  CHECK(tensors_of(gated).gated());
  CHECK(tensors_of(fused).gated());
  CHECK(tensors_of(experts).expert_feed_forward == 64);
  CHECK(tensors_of(experts).feed_forward == 0);
}

TEST_CASE("a block of a number that no model has is none, and takes no memory", "[gguf]") {
  for (const char* const name : {"blk.1024.attn_k.weight", "blk.99999999999999999999.attn_k.weight",
                                 "blk.x.y", "blk.", "blk.3", "blk.-1.attn_k.weight"}) {
    CAPTURE(name);
    GgufWriter writer = model_file();
    writer.add_tensor(name, 2, 32, {});
    CHECK(tensors_of(writer).blocks.empty());
    CHECK(tensors_of(writer).output_bytes == 256);
  }
}

TEST_CASE("tensors whose numbers overlap, or leave a gap, are refused", "[gguf]") {
  GgufWriter writer = model_file();
  writer.add_tensor("output_norm.weight", 0, 32, {});
  std::string file = writer.head();
  file.resize(file.size() + 4096);
  const std::string place = number_bytes<std::uint64_t>(640);
  const std::size_t at = file.rfind(place);
  REQUIRE(at != std::string::npos);
  REQUIRE(is_whole(file));
  for (const std::uint64_t other : {0u, 32u, 608u, 641u, 672u}) {
    CAPTURE(other);
    std::string moved = file;
    moved.replace(at, place.size(), number_bytes(other));
    const auto refused = read_gguf(MemoryBytes(moved));
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message,
               ContainsSubstring("the numbers of the tensor 'output_norm.weight' begin at " +
                                 std::to_string(other) + ", and those before it end at 640"));
  }
}

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
    CHECK(read_gguf(MemoryBytes(file)).value().tensors.unknown_types == std::vector<std::int64_t>{type});
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
