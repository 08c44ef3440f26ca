// SPDX-License-Identifier: MIT
#include "base/kv_cache.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

// Llama 3 8B
GgufModel llama() {
  GgufModel model;
  model.layers = 32;
  model.embedding_length = 4096;
  model.heads = {32};
  model.kv_heads = {8};
  return model;
}

}  // namespace

TEST_CASE("what a context takes follows from the model's heads", "[kv_cache]") {
  const auto bytes = kv_cache_bytes(llama(), 8192);
  CHECK(bytes.source == Source::estimated);
  CHECK(bytes.value == std::int64_t{1} << 30);  // as llama.cpp itself logs it: 1024 MiB
  CHECK(bytes.basis == "the attention heads that the model file names");
}

TEST_CASE("the types of the cache count", "[kv_cache]") {
  const std::int64_t f16 = kv_cache_bytes(llama(), 8192).value;
  CHECK(kv_cache_bytes(llama(), 8192, "f32", "f32").value == 2 * f16);
  CHECK(kv_cache_bytes(llama(), 8192, "bf16", "bf16").value == f16);
  CHECK(kv_cache_bytes(llama(), 8192, "q8_0", "q8_0").value == f16 * 34 / 64);
  CHECK(kv_cache_bytes(llama(), 8192, "q5_1", "q5_1").value == f16 * 24 / 64);
  CHECK(kv_cache_bytes(llama(), 8192, "q5_0", "q5_0").value == f16 * 22 / 64);
  CHECK(kv_cache_bytes(llama(), 8192, "q4_1", "q4_1").value == f16 * 20 / 64);
  CHECK(kv_cache_bytes(llama(), 8192, "q4_0", "iq4_nl").value == f16 * 18 / 64);
  CHECK(kv_cache_bytes(llama(), 8192, "f16", "q8_0").value == f16 / 2 + f16 * 34 / 128);
  const auto odd = kv_cache_bytes(llama(), 8192, "f16", "q3");
  CHECK_FALSE(odd);
  CHECK(odd.basis == "the size of the cache type 'q3' is not known");
}

TEST_CASE("heads that differ are added up, and lengths that are said are taken", "[kv_cache]") {
  GgufModel model = llama();
  model.layers = 3;
  model.kv_heads = {8, 0, 4};
  model.key_length = 192;
  model.value_length = 128;
  CHECK(kv_cache_bytes(model, 100).value == 100 * 12 * (192 + 128) * 2);
  model.kv_heads.clear();
  CHECK(kv_cache_bytes(model, 100).value == 100 * 32 * 3 * (192 + 128) * 2);
}

TEST_CASE("a sliding window makes it an upper bound, and the basis says so", "[kv_cache]") {
  GgufModel model = llama();
  model.sliding_window = 128;
  CHECK(kv_cache_bytes(model, 8192).basis ==
        "the attention heads that the model file names; at most, for some of its layers look back 128 tokens "
        "only");
}

TEST_CASE("no number is made up for a model whose file does not say enough", "[kv_cache]") {
  GgufModel no_layers = llama(), wrong_count = llama(), no_lengths = llama(), huge = llama();
  no_layers.layers.reset();
  wrong_count.kv_heads = {8, 8};
  no_lengths.embedding_length.reset();
  huge.layers = INT64_MAX;
  CHECK(kv_cache_bytes(no_layers, 1).basis ==
        "the model file does not report its attention heads for each layer");
  CHECK(kv_cache_bytes(wrong_count, 1).source == Source::unknown);
  CHECK(kv_cache_bytes(no_lengths, 1).basis == "the model file does not say the length of an attention head");
  CHECK(kv_cache_bytes(huge, INT64_MAX).basis == "the numbers of the model file can't be right");
  CHECK(kv_cache_bytes(llama(), -1).source == Source::unknown);
}
