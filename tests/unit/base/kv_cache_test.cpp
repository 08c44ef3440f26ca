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
  model.architecture = "llama";
  model.layers = 32;
  model.embedding_length = 4096;
  model.heads = {32};
  model.kv_heads = {8};
  return model;
}

GgufLoad of_context(std::int64_t context, std::string_view type_k = "f16", std::string_view type_v = "f16") {
  return {.context = context, .cache_type_k = type_k, .cache_type_v = type_v};
}

std::int64_t size_of(const GgufModel& model, const GgufLoad& load) {
  return kv_cache_bytes(model, load).value;
}

}  // namespace

TEST_CASE("what a context takes follows from the model's heads", "[kv_cache]") {
  const auto bytes = kv_cache_bytes(llama(), of_context(8192));
  CHECK(bytes.source == Source::estimated);
  CHECK(bytes.value == std::int64_t{1} << 30);  // as llama.cpp itself logs it: 1024 MiB
  CHECK(bytes.basis == "the attention heads that the model file names");
}

TEST_CASE("the types of the cache count", "[kv_cache]") {
  const auto of_types = [](std::string_view key, std::string_view value) {
    return size_of(llama(), of_context(8192, key, value));
  };
  const std::int64_t f16 = of_types("f16", "f16");
  CHECK(of_types("f32", "f32") == 2 * f16);
  CHECK(of_types("bf16", "bf16") == f16);
  CHECK(of_types("q8_0", "q8_0") == f16 * 34 / 64);
  CHECK(of_types("q5_1", "q5_1") == f16 * 24 / 64);
  CHECK(of_types("q5_0", "q5_0") == f16 * 22 / 64);
  CHECK(of_types("q4_1", "q4_1") == f16 * 20 / 64);
  CHECK(of_types("q4_0", "iq4_nl") == f16 * 18 / 64);
  CHECK(of_types("f16", "q8_0") == f16 / 2 + f16 * 34 / 128);
  const auto odd = kv_cache_bytes(llama(), of_context(8192, "f16", "q3"));
  CHECK_FALSE(odd);
  CHECK(odd.basis == "the size of the cache type 'q3' is not known");
}

TEST_CASE("heads that differ are added up, and lengths that are said are taken", "[kv_cache]") {
  GgufModel model = llama();
  model.layers = 3;
  model.kv_heads = {8, 0, 4};
  model.key_length = 192;
  model.value_length = 128;
  CHECK(size_of(model, of_context(256)) == 256 * 12 * (192 + 128) * 2);
  model.kv_heads.clear();
  CHECK(size_of(model, of_context(256)) == 256 * 32 * 3 * (192 + 128) * 2);
}

TEST_CASE("a context is rounded as llama.cpp does, in each of its parts", "[kv_cache]") {
  const std::int64_t token = size_of(llama(), of_context(256)) / 256;
  CHECK(size_of(llama(), of_context(1)) == 256 * token);
  CHECK(size_of(llama(), of_context(1000)) == 1024 * token);
  GgufLoad apart = of_context(1000);
  apart.unified = false;
  apart.sequences = 3;  // 1024 / 3 = 341 each
  CHECK(size_of(llama(), apart) == 3 * 512 * token);
  GgufModel trained = llama();
  trained.context_length = 2048;
  CHECK(size_of(trained, {}) == 2048 * token);
  apart.context = 0;
  CHECK(size_of(trained, apart) == 3 * 2048 * token);
}

TEST_CASE("a sliding window limits the layers that have one", "[kv_cache]") {
  GgufModel model = llama();
  model.architecture = "gpt-oss";  // every second layer
  model.sliding_window = 128;
  const std::int64_t layer = size_of(llama(), of_context(8192)) / 32 / 8192;  // of a token
  GgufLoad load = of_context(8192);
  load.sequences = 1;  // the window and a micro batch, rounded up to 256
  CHECK(size_of(model, load) == 16 * layer * (8192 + 768));
  CHECK(kv_cache_bytes(model, load).basis ==
        "the attention heads that the model file names; some of its layers look back 128 tokens only");
  load.sequences = 4;  // a window for each
  CHECK(size_of(model, load) == 16 * layer * (8192 + 1024));
  load.full_window = true;
  CHECK(size_of(model, load) == 32 * layer * 8192);
  load = of_context(512);
  CHECK(size_of(model, load) == 32 * layer * 512);  // the window is longer
}

TEST_CASE("which layers slide is the file's word, else the architecture's", "[kv_cache]") {
  GgufModel model = llama();
  model.sliding_window = 128;
  GgufLoad load = of_context(8192);
  const std::int64_t whole = size_of(llama(), load);
  CHECK(size_of(model, load) == whole);  // llama.cpp gives this architecture none
  model.sliding_pattern.assign(32, 1);
  CHECK(size_of(model, load) == whole / 8);
  model.sliding_pattern[7] = 0;
  CHECK(size_of(model, load) == whole / 8 + whole / 32 - whole / 8 / 32);
  model.sliding_pattern = {4};  // 24 of 32 layers
  CHECK(size_of(model, load) == whole / 4 + whole / 8 * 3 / 4);
}

TEST_CASE("layers that use another's cache, or keep none, take nothing", "[kv_cache]") {
  const std::int64_t whole = size_of(llama(), of_context(8192));
  GgufModel shared = llama(), predicting = llama(), encoder = llama(), recurrent = llama();
  shared.shared_kv_layers = 8;
  CHECK(size_of(shared, of_context(8192)) == whole * 3 / 4);
  predicting.prediction_layers = 1;
  CHECK(size_of(predicting, of_context(8192)) == whole * 31 / 32);
  encoder.architecture = "bert";
  CHECK(size_of(encoder, of_context(8192)) == 0);
  recurrent.tensors.blocks.assign(32, {.attention = false, .state = GgufState::mamba});
  recurrent.heads = recurrent.kv_heads = {};  // they need not be said then
  const auto none = kv_cache_bytes(recurrent, of_context(8192));
  CHECK(none);
  CHECK(none.value == 0);
}

TEST_CASE("a compressed key serves as the value too", "[kv_cache]") {
  GgufModel model = llama();
  model.kv_heads = {1};
  model.key_length = 576;
  model.value_length = 512;
  model.latent_key_length = 192;
  CHECK(size_of(model, of_context(256)) == 256 * 32 * 576 * 2);
}

TEST_CASE("a recurrent state is as large for any context, and there is one for each request", "[kv_cache]") {
  GgufModel model = llama();
  model.tensors.blocks.assign(32, {.state = GgufState::mamba2});
  model.state_convolution = 4;
  model.state_inner = 512;
  model.state_size = 128;
  model.state_groups = 1;
  const auto size = [&](std::int64_t context, std::int64_t sequences, LayerRange layers) {
    GgufLoad load = of_context(context);
    load.sequences = sequences;
    return state_bytes(model, load, layers).value;
  };
  CHECK(size(4096, 1, {0, 1}) == 4 * (3 * (512 + 2 * 128) + 512 * 128));
  CHECK(size(65536, 1, {0, 1}) == size(4096, 1, {0, 1}));
  CHECK(size(4096, 4, {0, 32}) == 128 * size(4096, 1, {0, 1}));
  model.state_inner.reset();
  CHECK(state_bytes(model, {}, {0, 32}).basis ==
        "the model file does not say the size of its recurrent state");
}

TEST_CASE("no number is made up for a model whose file does not say enough", "[kv_cache]") {
  GgufModel no_layers = llama(), wrong_count = llama(), no_lengths = llama(), huge = llama();
  no_layers.layers.reset();
  wrong_count.kv_heads = {8, 8};
  no_lengths.embedding_length.reset();
  huge.layers = INT64_MAX;
  const auto why = [](const GgufModel& model, std::int64_t context = 256) {
    const auto bytes = kv_cache_bytes(model, of_context(context));
    CHECK_FALSE(bytes);
    return bytes.basis;
  };
  CHECK(why(no_layers) == "the model file does not report its attention heads for each layer");
  CHECK(why(wrong_count) == why(no_layers));
  CHECK(why(no_lengths) == "the model file does not say the length of an attention head");
  CHECK(why(huge) == "the numbers of the model file can't be right");
  CHECK(why(llama(), -1) == "neither the settings nor the model file say how long the context is");
  CHECK(why(llama(), 0) == why(llama(), -1));
  CHECK_FALSE(cache_shape(llama(), of_context(INT64_MAX)));
}
