// SPDX-License-Identifier: MIT
// What a load takes, and where. That a real server agrees is in tests/real.
#include "base/gguf_memory.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

constexpr std::uint32_t kWidth = 64, kFeedForward = 256, kTokens = 1000;

GgufWriter described(std::uint32_t layers) {
  GgufWriter file;
  file.add("general.architecture", "llama");
  file.add("llama.block_count", layers);
  file.add("llama.context_length", 4096u);
  file.add("llama.embedding_length", kWidth);
  file.add("llama.attention.head_count", 4u);
  file.add_tensor("token_embd.weight", kTokens, kWidth, {});
  return file;
}

void add_block(GgufWriter& file, std::uint32_t layer) {
  const std::string block = "blk." + std::to_string(layer) + ".";
  for (const char* const name : {"attn_q", "attn_k", "attn_v", "attn_output"})
    file.add_tensor(block + name + ".weight", kWidth, kWidth, {});
  for (const char* const name : {"ffn_gate", "ffn_up"})
    file.add_tensor(block + name + ".weight", kFeedForward, kWidth, {});
  file.add_tensor(block + "ffn_down.weight", kWidth, kFeedForward, {});
}

GgufModel model_of(const GgufWriter& file) {
  std::string bytes = file.head();
  bytes.resize(bytes.size() + (std::size_t{8} << 20));
  return read_gguf(MemoryBytes(bytes)).value();
}

GgufModel model(std::uint32_t layers = 4, bool tied = false) {
  GgufWriter file = described(layers);
  for (std::uint32_t layer = 0; layer < layers; ++layer) add_block(file, layer);
  file.add_tensor("output_norm.weight", 0, kWidth, {});
  if (!tied) file.add_tensor("output.weight", kTokens, kWidth, {});
  return model_of(file);
}

constexpr std::int64_t kMatrix = kTokens * kWidth * 4;  // bytes, of the tokens
constexpr std::int64_t kNorm = kWidth * 4;
constexpr std::int64_t kBlock = (4 * kWidth * kWidth + 3 * kWidth * kFeedForward) * 4;
constexpr std::int64_t kLayerCache = 2 * 4096 * kWidth * 2;

}  // namespace

TEST_CASE("without a GPU all of a model is in RAM", "[memory]") {
  const GgufMemory memory = estimate_memory(model(), {});
  CHECK(memory.weights.ram.value == 2 * kMatrix + kNorm + 4 * kBlock);
  CHECK(memory.cache.ram.value == 4 * kLayerCache);
  CHECK(memory.output.ram.value == 4 * kTokens * 4);
  for (const SplitBytes& part :
       {memory.weights, memory.cache, memory.state, memory.output, memory.compute_max}) {
    CHECK(part.gpu);
    CHECK(part.gpu.value == 0);
  }
  CHECK(memory.total().whole().value == memory.weights.ram.value + memory.cache.ram.value +
                                            memory.output.ram.value + memory.compute_max.ram.value);
}

TEST_CASE("the last layers go to GPUs, and the output is the very last", "[memory]") {
  const GgufMemory output = estimate_memory(model(), {.gpu_layers = 1});
  CHECK(output.weights.gpu.value == kMatrix + kNorm);
  CHECK(output.cache.gpu.value == 0);
  const GgufMemory some = estimate_memory(model(), {.gpu_layers = 3});
  CHECK(some.weights.gpu.value == kMatrix + kNorm + 2 * kBlock);
  CHECK(some.weights.ram.value == kMatrix + 2 * kBlock);
  CHECK(some.cache.gpu.value == 2 * kLayerCache);
  CHECK(some.cache.ram.value == 2 * kLayerCache);
  const GgufMemory all = estimate_memory(model(), {.gpu_layers = 99});
  CHECK(all.weights.ram.value == kMatrix);
  CHECK(all.cache.ram.value == 0);
  const GgufMemory kept = estimate_memory(model(), {.offload_cache = false, .gpu_layers = 99});
  CHECK(kept.cache.ram.value == 4 * kLayerCache);
  CHECK(kept.cache.gpu.value == 0);
}

TEST_CASE("a GPU gets a copy of the tokens' matrix if that is the output too", "[memory]") {
  const GgufMemory memory = estimate_memory(model(4, true), {.gpu_layers = 99});
  CHECK(memory.weights.ram.value == kMatrix);
  CHECK(memory.weights.gpu.value == kMatrix + kNorm + 4 * kBlock);
  CHECK(estimate_memory(model(4, true), {}).weights.ram.value == kMatrix + kNorm + 4 * kBlock);
}

TEST_CASE("layers that predict more than one token are not loaded, but are counted as layers", "[memory]") {
  GgufModel predicting = model(5);
  predicting.prediction_layers = 1;
  CHECK(estimate_memory(predicting, {}).weights.ram.value == 2 * kMatrix + kNorm + 4 * kBlock);
  CHECK(estimate_memory(predicting, {}).cache.ram.value == 4 * kLayerCache);
  const GgufMemory split = estimate_memory(predicting, {.gpu_layers = 3});
  CHECK(split.weights.gpu.value == kMatrix + kNorm + kBlock);
  CHECK(split.weights.ram.value == kMatrix + 3 * kBlock);
}

TEST_CASE("the ends of the range for computing are at most a factor of two apart", "[memory]") {
  for (const std::uint32_t layers : {1u, 2u, 12u})
    for (const std::int64_t context : {1, 512, 100000})
      for (const std::int64_t batch : {1, 64, 2048})
        for (const bool flash : {false, true})
          for (const std::int64_t gpu_layers : {0, 1, 2, 99}) {
            CAPTURE(layers, context, batch, flash, gpu_layers);
            const GgufMemory memory = estimate_memory(model(layers), {.context = context,
                                                                      .micro_batch = batch,
                                                                      .flash_attention = flash,
                                                                      .gpu_layers = gpu_layers});
            for (const auto side : {&SplitBytes::ram, &SplitBytes::gpu}) {
              const std::int64_t low = (memory.compute_min.*side).value,
                                 high = (memory.compute_max.*side).value;
              CHECK(low <= high);
              CHECK(high <= 2 * low);
              CHECK((high > 0 || (side == &SplitBytes::gpu && gpu_layers == 0)));
            }
          }
}

TEST_CASE("scores without flash attention, and of each token in older builds, are counted", "[memory]") {
  const auto most = [](const GgufLoad& load) { return estimate_memory(model(), load).compute_max.ram.value; };
  CHECK(most({.flash_attention = false}) - most({}) > 4 * 4096 * 512 * 4);  // heads × seen × batch
  CHECK(most({.context = 256, .scores_every_token = true}) > kTokens * 256 * 4);
}

TEST_CASE("what is not known of a model is said, and the rest is still estimated", "[memory]") {
  GgufModel odd = model();
  odd.tensors.unknown_types = {99};
  const GgufMemory memory = estimate_memory(odd, {.gpu_layers = 2});
  CHECK(memory.weights.ram.basis == "the size of the model's files");
  CHECK(memory.weights.gpu.basis == "the model file has tensors of an unknown type");
  CHECK_FALSE(memory.total().gpu);
  CHECK(memory.cache.gpu.value == kLayerCache);

  GgufModel recurrent = model();
  recurrent.tensors.blocks.assign(4, {.bytes = 1, .state = GgufState::rwkv});
  recurrent.wkv_head_size = 64;
  const GgufMemory rwkv = estimate_memory(recurrent, {});
  CHECK(rwkv.compute_max.ram.basis == "the compute buffers of RWKV models are not known here");
  CHECK(rwkv.state.ram.value == 4 * 4 * 4 * kWidth * (2 + 64));
  CHECK(rwkv.total().ram);
  CHECK_THAT(rwkv.total().ram.basis,
             ContainsSubstring("compute buffers come on top (the compute buffers of RWKV"));

  GgufModel per_layer = model();
  per_layer.tensors.per_layer_embedding = 4 * 256;
  CHECK(estimate_memory(per_layer, {}).compute_min.ram.value > 4 * 4 * 256 * 512 * 4 / 2);
  CHECK(estimate_memory(per_layer, {.gpu_layers = 5}).compute_min.gpu.value > 3 * 4 * 256 * 512 * 4 / 2);
  CHECK_FALSE(estimate_memory(per_layer, {.gpu_layers = 3}).compute_min.gpu);
  CHECK(estimate_memory(per_layer, {.gpu_layers = 3}).compute_min.ram);

  GgufModel no_heads = model();
  no_heads.heads.clear();
  CHECK(estimate_memory(no_heads, {}).total().ram.basis ==
        "the model file does not report its attention heads for each layer");
}
