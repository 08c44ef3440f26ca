// SPDX-License-Identifier: MIT
// What the settings of a load make of the memory that it takes.
#include "llamacpp/memory_estimate.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

base::GgufModel model() {
  GgufWriter file;
  file.add("general.architecture", "llama");
  file.add("llama.block_count", 9u);
  file.add("llama.context_length", 4096u);
  file.add("llama.embedding_length", 64u);
  file.add("llama.attention.head_count", 4u);
  file.add("llama.expert_used_count", 2u);
  file.add_tensor("token_embd.weight", 64000, 64, {}, 0, kQ4_0);
  for (int layer = 0; layer < 9; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    file.add_tensor(block + "attn_k.weight", 64, 64, {});
    file.add_tensor(block + "ffn_down_exps.weight", 64, 2048, {}, 8, kQ4_0);
    file.add_tensor(block + "ffn_gate_exps.weight", 2048, 64, {}, 8, kQ4_0);
  }
  file.add_tensor("output.weight", 64000, 64, {}, 0, kQ4_0);
  std::string bytes = file.head();
  bytes.resize(bytes.size() + (std::size_t{32} << 20));
  return base::read_gguf(MemoryBytes(bytes)).value();
}

MemoryEstimate with(const LoadSettings& settings, const EstimateFacts& facts = {}) {
  return estimate_memory(model(), settings, facts);
}

LoadSettings on_gpu(GpuLayers layers) { return {.gpu_layers = layers}; }

}  // namespace

TEST_CASE("an estimate follows the settings of the load", "[llamacpp][memory]") {
  const MemoryEstimate plain = with({});
  CHECK(plain.context_bytes.value == std::int64_t{4096} * 9 * 2 * 64 * 2);
  CHECK(with({.context_length = 8192}).context_bytes.value == 2 * plain.context_bytes.value);
  CHECK(with({.cache_type_k = "q8_0", .cache_type_v = "q8_0"}).context_bytes.value ==
        plain.context_bytes.value * 34 / 64);
  CHECK(with({.parallel = 8}).context_bytes.value == plain.context_bytes.value);  // they share it
  CHECK(with({.micro_batch_size = 1024}).compute_max_bytes.value > plain.compute_max_bytes.value);
  CHECK(with({.batch_size = 64}).compute_max_bytes.value < plain.compute_max_bytes.value);
  CHECK(with({.flash_attention = FlashAttention::off}).compute_max_bytes.value >
        plain.compute_max_bytes.value);
  CHECK(with({.flash_attention = FlashAttention::automatic}).compute_max_bytes.value ==
        plain.compute_max_bytes.value);
  CHECK(with({.experts = 4}).compute_max_bytes.value > plain.compute_max_bytes.value);
  CHECK(with({.cache_type_v = "q3"}).total_bytes.basis == "the size of the cache type 'q3' is not known");
}

TEST_CASE("what is on GPUs follows from the layers, and is not guessed without them", "[llamacpp][memory]") {
  CHECK_FALSE(with({}).vram_bytes);
  CHECK_THAT(with({}).vram_bytes.basis, ContainsSubstring("n_gpu_layers is not set"));
  CHECK(with(on_gpu(GpuLayers::none())).vram_bytes.value == 0);
  const std::int64_t half = with(on_gpu(GpuLayers::exactly(5))).vram_bytes.value;
  CHECK(half > 0);
  CHECK(with(on_gpu(GpuLayers::share(0.5))).vram_bytes.value == half);
  CHECK(with(on_gpu(GpuLayers::exactly(10))).vram_bytes.value ==
        with(on_gpu(GpuLayers::all())).vram_bytes.value);
  LoadSettings cache_in_ram = on_gpu(GpuLayers::all());
  cache_in_ram.offload_kqv = false;
  CHECK(with(cache_in_ram).vram_bytes.value < with(on_gpu(GpuLayers::all())).vram_bytes.value);
}

TEST_CASE("a projector comes on top", "[llamacpp][memory]") {
  base::GgufModel projector;
  projector.size_bytes = 1'000'000;
  const LoadSettings settings = on_gpu(GpuLayers::all());
  const MemoryEstimate without = with(settings), seeing = with(settings, {.projector = &projector});
  CHECK(without.projector_bytes);
  CHECK(without.projector_bytes.value == 0);
  CHECK(seeing.projector_bytes.value == 1'000'000);
  CHECK(seeing.total_bytes.value == without.total_bytes.value + 1'000'000);
  CHECK(seeing.vram_bytes.value == without.vram_bytes.value + 1'000'000);
}

TEST_CASE("older builds reserve room for the scores of every token", "[llamacpp][memory]") {
  const std::int64_t scores = std::int64_t{64000} * 512 * 4;
  const auto most = [](std::string_view build) { return with({}, {.build = build}).compute_max_bytes.value; };
  for (const char* const build :
       {"0.7.0 (build 11669, commit Debian)", "9500 (abc)", "unknown version", "", "v1 (abc)", "0.7.0"}) {
    CAPTURE(build);
    CHECK(most(build) < scores);
  }
  for (const char* const build : {"4589 (eb7cf15a)", "b4589", "0.6.1 (build 9272, commit x)"}) {
    CAPTURE(build);
    CHECK(most(build) > scores);
  }
}

TEST_CASE("what an estimate does not look at lowers its confidence", "[llamacpp][memory]") {
  CHECK(with({}).confidence == "high");
  CHECK(with({}, {.more_options = true}).confidence == "low");
  CHECK(with({.extra = Value::object({{"cpu-moe", true}})}).confidence == "low");
  CHECK(estimate_memory({}, {}).confidence == "low");
}
