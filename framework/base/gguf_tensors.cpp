// SPDX-License-Identifier: MIT
#include "base/gguf_tensors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
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

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }
std::uint64_t product(std::uint64_t a, std::uint64_t b) { return b != 0 && a > kMost / b ? kMost : a * b; }

// 0 if its type is not known.
std::uint64_t bytes_of(const Tensor& tensor) {
  const TensorType type = tensor.type < kTensorTypes.size() ? kTensorTypes[tensor.type] : TensorType();
  if (type.block == 0) return 0;
  std::uint64_t numbers = 1;
  for (const std::uint64_t each : tensor.dimensions) numbers = product(numbers, each);
  return product(sum(numbers, type.block - 1) / type.block, type.bytes);
}

void add_once(std::vector<std::int64_t>& numbers, std::uint64_t number) {
  const auto value = static_cast<std::int64_t>(std::min(number, kMost >> 1));
  if (numbers.size() < kKept && std::find(numbers.begin(), numbers.end(), value) == numbers.end())
    numbers.push_back(value);
}

void note(const Tensor& tensor, GgufModel& model) {
  model.token_embeddings = model.token_embeddings || tensor.name == "token_embd.weight";
  model.mtp_head = model.mtp_head || tensor.name.find(".nextn.") != std::string::npos;
  if (tensor.type >= kTensorTypes.size() || kTensorTypes[tensor.type].block == 0)
    add_once(model.unknown_types, tensor.type);
  if (model.is_projector() && is_connector(tensor.name) && !tensor.dimensions.empty())
    add_once(model.connector_widths, tensor.dimensions.back());
}

}  // namespace

void read_tensors(GgufCursor& cursor, std::uint64_t count, GgufModel& model) {
  if (cursor.failed()) return;
  if (count > (model.size_bytes - cursor.at()) / kSmallestTensor)
    return cursor.fail("the file is cut short: it has " + std::to_string(count) + " tensors, and " +
                       std::to_string(model.size_bytes - cursor.at()) + " bytes are left for their list");
  model.tensors = count;
  std::uint64_t end = 0;  // of the tensors' numbers
  for (std::uint64_t i = 0; i < count && !cursor.failed(); ++i) {
    const Tensor tensor = read_tensor(cursor);
    if (cursor.failed()) return;
    note(tensor, model);
    end = std::max(end, sum(tensor.offset, bytes_of(tensor)));
  }
  const std::uint64_t alignment = std::max<std::uint64_t>(
      model.alignment ? static_cast<std::uint64_t>(*model.alignment) : kUsualAlignment, 1);
  const std::uint64_t padding = (alignment - cursor.at() % alignment) % alignment;
  const std::uint64_t needed = end == 0 ? 0 : sum(sum(cursor.at(), padding), end);
  if (needed > model.size_bytes)
    cursor.fail("the file is cut short: its tensors need " + std::to_string(needed) + " bytes, and it has " +
                std::to_string(model.size_bytes));
}

}  // namespace tachikoma::base
