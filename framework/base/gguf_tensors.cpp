// SPDX-License-Identifier: MIT
#include "base/gguf_tensors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tachikoma::base {
namespace {

constexpr std::uint64_t kSmallestTensor = 8 + 4 + 4 + 8;
constexpr std::uint64_t kLongestName = 1024;  // llama.cpp: 64
constexpr std::uint32_t kMostDimensions = 8;  // llama.cpp: 4
constexpr std::uint64_t kUsualAlignment = 32;
constexpr std::size_t kKept = 64;  // of what is listed once each
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

struct TensorType {
  std::uint64_t block = 0;  // how many numbers are stored together; 0: not known
  std::uint64_t bytes = 0;  // of a block
};

// By the numbers of ggml.h, enum ggml_type; the sizes are those of the blocks in ggml-common.h. A type that
// ggml does not have, has given up, or that forks use with other sizes, is not known.
constexpr std::array<TensorType, 41> kTensorTypes{{
    {1, 4},     {1, 2},     {32, 18},   {32, 20},  {},         {},         {32, 22},    // F32 … Q5_0
    {32, 24},   {32, 34},   {32, 36},   {256, 84}, {256, 110}, {256, 144}, {256, 176},  // Q5_1 … Q5_K
    {256, 210}, {256, 292}, {256, 66},  {256, 74}, {256, 98},  {256, 50},  {32, 18},    // Q6_K … IQ4_NL
    {256, 110}, {256, 82},  {256, 136}, {1, 1},    {1, 2},     {1, 4},     {1, 8},      // IQ3_S … I64
    {1, 8},     {256, 56},  {1, 2},     {},        {},         {},         {256, 54},   // F64 … TQ1_0
    {256, 66},  {},         {},         {},        {32, 17},   {64, 36},                // TQ2_0 … NVFP4
}};

struct Tensor {
  std::string name;
  std::vector<std::uint64_t> dimensions;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

// What connects an encoder to a model: clip-impl.h of llama.cpp, "mm.2.bias", "resampler.proj.weight".
bool is_connector(std::string_view name) {
  return name.starts_with("mm.") || name.starts_with("resampler.") || name.starts_with("adapter.");
}

Tensor read_tensor(GgufCursor& cursor) {
  Tensor tensor;
  tensor.name = cursor.text(kLongestName, "the name of a tensor");
  const auto dimensions = cursor.number<std::uint32_t>("the dimensions of a tensor");
  if (dimensions > kMostDimensions)
    cursor.fail("the tensor " + in_quotes(tensor.name) + " has " + std::to_string(dimensions) +
                " dimensions");
  for (std::uint32_t i = 0; i < dimensions && !cursor.failed(); ++i)
    tensor.dimensions.push_back(cursor.number<std::uint64_t>("a dimension of a tensor"));
  tensor.type = cursor.number<std::uint32_t>("the type of a tensor");
  tensor.offset = cursor.number<std::uint64_t>("the place of a tensor");
  return tensor;
}

std::uint64_t extent(const Tensor& tensor, std::size_t dimension) {
  return dimension < tensor.dimensions.size() ? tensor.dimensions[dimension] : 1;
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }
std::uint64_t product(std::uint64_t a, std::uint64_t b) { return b != 0 && a > kMost / b ? kMost : a * b; }

std::uint64_t parameters_of(const Tensor& tensor) {
  std::uint64_t numbers = 1;
  for (const std::uint64_t each : tensor.dimensions) numbers = product(numbers, each);
  return numbers;
}

// Nullopt if its type is not known.
std::optional<std::uint64_t> bytes_of(const Tensor& tensor) {
  const TensorType type = tensor.type < kTensorTypes.size() ? kTensorTypes[tensor.type] : TensorType();
  if (type.block == 0) return std::nullopt;
  return product(sum(parameters_of(tensor), type.block - 1) / type.block, type.bytes);
}

void add_once(std::vector<std::int64_t>& numbers, std::uint64_t number) {
  const auto value = static_cast<std::int64_t>(std::min(number, kMost >> 1));
  if (numbers.size() < kKept && std::find(numbers.begin(), numbers.end(), value) == numbers.end())
    numbers.push_back(value);
}

// llama.cpp computes with these in RAM: the tensors of its input layer, src/llama-arch.cpp.
bool is_input(std::string_view name) {
  return name.starts_with("token_") || name.starts_with("position_embd") ||
         name.starts_with("per_layer_token_embd");
}

// "blk.12.attn_k.weight": 12, and "attn_k.weight". What prepares the vectors of all blocks (Gemma's) goes
// with the first. Nullopt if it belongs to no block.
std::optional<std::size_t> take_block(std::string_view& name) {
  if (name.starts_with("per_layer_") && !is_input(name)) return 0;
  if (!name.starts_with("blk.")) return std::nullopt;
  std::size_t block = 0;
  const auto [end, failure] = std::from_chars(name.data() + 4, name.data() + name.size(), block);
  if (failure != std::errc() || end == name.data() + name.size() || *end != '.' || block >= kMostGgufBlocks)
    return std::nullopt;
  name.remove_prefix(static_cast<std::size_t>(end - name.data()) + 1);
  return block;
}

// Only Mamba 1 projects to its time step, and only a delta net has no projection of its own to the inner
// size: it shares attention's.
GgufState state_of(std::string_view name, GgufState so_far) {
  if (name.starts_with("shortconv.")) return GgufState::convolution;
  if (name.starts_with("time_mix_")) return GgufState::rwkv;
  if (name == "ssm_x.weight") return GgufState::mamba;
  if (name == "ssm_in.weight" && so_far != GgufState::mamba) return GgufState::mamba2;
  if (name.starts_with("ssm_") && so_far == GgufState::none) return GgufState::delta_net;
  return so_far;
}

bool makes_keys(std::string_view name) {
  return name == "attn_k.weight" || name == "attn_kv_a_mqa.weight" || name == "attn_qkv.weight";
}

void note_feed_forward(std::string_view name, const Tensor& tensor, GgufTensors& tensors) {
  if (name == "ffn_down.weight" || name == "ffn_down_shexp.weight")
    tensors.feed_forward = std::max(tensors.feed_forward, extent(tensor, 0));
  if (name == "ffn_down_exps.weight")
    tensors.expert_feed_forward = std::max(tensors.expert_feed_forward, extent(tensor, 0));
  // the gate may be in the same matrix, whose result is then the longer one
  if (name == "ffn_up.weight") tensors.feed_forward_up = std::max(tensors.feed_forward_up, extent(tensor, 1));
  tensors.gate = tensors.gate || name.starts_with("ffn_gate.") || name.starts_with("ffn_gate_exps.") ||
                 name.starts_with("ffn_gate_up");
}

void note_in_block(std::string_view name, const Tensor& tensor, std::uint64_t bytes, GgufBlock& block,
                   GgufTensors& tensors) {
  block.bytes = sum(block.bytes, bytes);
  block.attention = block.attention || makes_keys(name);
  block.state = state_of(name, block.state);
  note_feed_forward(name, tensor, tensors);
}

void note_outside_blocks(const Tensor& tensor, std::uint64_t bytes, GgufTensors& tensors) {
  std::uint64_t& place = is_input(tensor.name) ? tensors.input_bytes : tensors.output_bytes;
  place = sum(place, bytes);
  tensors.output = tensors.output || tensor.name == "output.weight";
  if (tensor.name == "per_layer_token_embd.weight") tensors.per_layer_embedding = extent(tensor, 0);
  if (tensor.name != "token_embd.weight") return;
  tensors.embedding_bytes = bytes;
  tensors.embedding_type = tensor.type;
  tensors.vocabulary = extent(tensor, 1);
}

void note(const Tensor& tensor, GgufModel& model) {
  model.token_embeddings = model.token_embeddings || tensor.name == "token_embd.weight";
  model.mtp_head = model.mtp_head || tensor.name.find(".nextn.") != std::string::npos;
  if (model.is_projector() && is_connector(tensor.name) && !tensor.dimensions.empty())
    add_once(model.connector_widths, tensor.dimensions.back());
  GgufTensors& tensors = model.tensors;
  const std::optional<std::uint64_t> bytes = bytes_of(tensor);
  if (!bytes) add_once(tensors.unknown_types, tensor.type);
  tensors.bytes = sum(tensors.bytes, bytes.value_or(0));
  tensors.parameters = sum(tensors.parameters, parameters_of(tensor));
  std::string_view name = tensor.name;
  const std::optional<std::size_t> block = take_block(name);
  if (!block) return note_outside_blocks(tensor, bytes.value_or(0), tensors);
  if (*block >= tensors.blocks.size()) tensors.blocks.resize(*block + 1);
  note_in_block(name, tensor, bytes.value_or(0), tensors.blocks[*block], tensors);
}

std::uint64_t alignment_of(const GgufModel& model) {
  return std::max<std::uint64_t>(
      model.alignment ? static_cast<std::uint64_t>(*model.alignment) : kUsualAlignment, 1);
}

std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
  const std::uint64_t beyond = offset % alignment;
  return beyond == 0 ? offset : sum(offset, alignment - beyond);
}

}  // namespace

void read_tensors(GgufCursor& cursor, std::uint64_t count, GgufModel& model) {
  if (cursor.failed()) return;
  if (count > (model.size_bytes - cursor.at()) / kSmallestTensor)
    return cursor.fail("the file is cut short: it has " + std::to_string(count) + " tensors, and " +
                       std::to_string(model.size_bytes - cursor.at()) + " bytes are left for their list");
  model.tensors.count = count;
  const std::uint64_t alignment = alignment_of(model);
  std::uint64_t end = 0;                       // of the tensors' numbers
  std::optional<std::uint64_t> expected{end};  // where the next one's are; unknown behind an unknown type
  for (std::uint64_t i = 0; i < count && !cursor.failed(); ++i) {
    const Tensor tensor = read_tensor(cursor);
    if (cursor.failed()) return;
    if (expected && tensor.offset != *expected)
      return cursor.fail("the numbers of the tensor " + in_quotes(tensor.name) + " begin at " +
                         std::to_string(tensor.offset) + ", and those before it end at " +
                         std::to_string(*expected));
    note(tensor, model);
    const std::optional<std::uint64_t> bytes = bytes_of(tensor);
    end = std::max(end, sum(tensor.offset, bytes.value_or(0)));
    expected = bytes ? std::optional(aligned(end, alignment)) : std::nullopt;
  }
  const std::uint64_t needed = end == 0 ? 0 : sum(aligned(cursor.at(), alignment), end);
  if (needed > model.size_bytes)
    cursor.fail("the file is cut short: its tensors need " + std::to_string(needed) + " bytes, and it has " +
                std::to_string(model.size_bytes));
}

void GgufTensors::add(const GgufTensors& more) {
  count += more.count;
  for (const auto member : {&GgufTensors::parameters, &GgufTensors::bytes, &GgufTensors::input_bytes,
                            &GgufTensors::embedding_bytes, &GgufTensors::output_bytes})
    this->*member = sum(this->*member, more.*member);
  for (const auto member :
       {&GgufTensors::vocabulary, &GgufTensors::per_layer_embedding, &GgufTensors::feed_forward,
        &GgufTensors::feed_forward_up, &GgufTensors::expert_feed_forward})
    this->*member = std::max(this->*member, more.*member);
  embedding_type = std::max(embedding_type, more.embedding_type);
  output = output || more.output;
  gate = gate || more.gate;
  for (const std::int64_t type : more.unknown_types)
    add_once(unknown_types, static_cast<std::uint64_t>(type));
  blocks.resize(std::max(blocks.size(), more.blocks.size()));
  for (std::size_t i = 0; i < more.blocks.size(); ++i) {
    const GgufBlock& block = more.blocks[i];
    blocks[i].bytes = sum(blocks[i].bytes, block.bytes);
    blocks[i].attention = blocks[i].attention || block.attention;
    blocks[i].state = std::max(blocks[i].state, block.state);
  }
}

}  // namespace tachikoma::base
