// SPDX-License-Identifier: MIT
#include "real/hollow_model.hpp"

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "real/vocabulary.hpp"

namespace tachikoma::testing {
namespace {

constexpr std::uint32_t kKernel = 4;        // of a convolution before a state
constexpr std::uint32_t kStateHeads = 8;    // Mamba 2's
constexpr std::uint32_t kEvery = 4;         // in a hybrid, so manyth layers attend, the others are recurrent
constexpr std::uint32_t kQueryRank = 64;    // DeepSeek's
constexpr std::uint32_t kPlainLength = 32;  // of its heads: what is not rotated, and the value

class Maker {
 public:
  Maker(const HollowModel& shape, GgufWriter& file)
      : shape_(shape), file_(file), width_(shape.width), head_(shape.head_length) {
    if (head_ == 0) head_ = width_ / shape_.heads;
  }

  void make() {
    add_general();
    const auto kind = kKinds.find(shape_.architecture);
    if (kind == kKinds.end()) throw std::invalid_argument("no hollow model of '" + shape_.architecture + "'");
    add_ends();
    (this->*kind->second.numbers)();
    for (layer_ = 0; layer_ < shape_.layers; ++layer_) (this->*kind->second.layer)();
  }

 private:
  struct Kind {
    void (Maker::*numbers)();
    void (Maker::*layer)();
  };
  static const std::map<std::string_view, Kind> kKinds;

  void number(const std::string& key, std::uint32_t value) {
    file_.add(shape_.architecture + "." + key, value);
  }
  void number(const std::string& key, float value) { file_.add(shape_.architecture + "." + key, value); }

  void vector(const std::string& name, std::uint64_t length) {
    file_.add_tensor(block() + name, 0, length, {});
  }
  void small(const std::string& name, std::uint64_t rows, std::uint64_t columns) {
    file_.add_tensor(block() + name, rows, columns, {});
  }
  void matrix(const std::string& name, std::uint64_t rows, std::uint64_t columns,
              std::uint64_t matrices = 0) {
    file_.add_tensor(block() + name, rows, columns, {}, matrices, shape_.weights);
  }
  std::string block() const { return "blk." + std::to_string(layer_) + "."; }

  void add_general() {
    file_.add("general.architecture", shape_.architecture);
    file_.add("general.name", "hollow");
    number("context_length", shape_.context);
    number("embedding_length", width_);
    number("block_count", shape_.layers);
    number("feed_forward_length", shape_.feed_forward);
    number("attention.head_count", shape_.heads);
    if (hybrid()) {
      std::vector<std::int32_t> heads;
      for (std::uint32_t layer = 0; layer < shape_.layers; ++layer)
        heads.push_back(attends(layer) ? static_cast<std::int32_t>(shape_.kv_heads) : 0);
      file_.add(shape_.architecture + ".attention.head_count_kv", heads);
    } else {
      number("attention.head_count_kv", shape_.architecture == "deepseek2" ? 1 : shape_.kv_heads);
    }
    number("attention.layer_norm_rms_epsilon", 1e-5f);
    number("rope.dimension_count", shape_.architecture == "deepseek2" ? shape_.rotated : head_);
    if (shape_.head_length != 0) {
      number("attention.key_length", head_);
      number("attention.value_length", head_);
    }
    Vocabulary vocabulary(false);
    vocabulary.grow_to(shape_.vocabulary);
    tokens_ = vocabulary.tokens.size();
    add_tokenizer(file_, vocabulary);
  }

  bool hybrid() const { return shape_.architecture == "jamba" || shape_.architecture == "lfm2"; }
  static bool attends(std::uint32_t layer) { return layer % kEvery == kEvery - 1; }

  void add_ends() {
    file_.add_tensor("token_embd.weight", tokens_, width_, {}, 0, shape_.weights);
    if (shape_.architecture == "bert") return;
    file_.add_tensor(shape_.architecture == "lfm2" ? "token_embd_norm.weight" : "output_norm.weight", 0,
                     width_, {});
    const bool tied =
        shape_.tied || shape_.architecture == "lfm2" || shape_.architecture.starts_with("gemma");
    if (!tied) file_.add_tensor("output.weight", tokens_, width_, {}, 0, shape_.weights);
  }

  void add_attention() {
    matrix("attn_q.weight", std::uint64_t{shape_.heads} * head_, width_);
    matrix("attn_k.weight", std::uint64_t{shape_.kv_heads} * head_, width_);
    matrix("attn_v.weight", std::uint64_t{shape_.kv_heads} * head_, width_);
    matrix("attn_output.weight", width_, std::uint64_t{shape_.heads} * head_);
  }
  void add_head_norms() {
    vector("attn_q_norm.weight", head_);
    vector("attn_k_norm.weight", head_);
  }
  void add_feed_forward() {
    matrix("ffn_gate.weight", shape_.feed_forward, width_);
    matrix("ffn_up.weight", shape_.feed_forward, width_);
    matrix("ffn_down.weight", width_, shape_.feed_forward);
  }
  void add_experts() {
    small("ffn_gate_inp.weight", shape_.experts, width_);
    matrix("ffn_gate_exps.weight", shape_.feed_forward, width_, shape_.experts);
    matrix("ffn_up_exps.weight", shape_.feed_forward, width_, shape_.experts);
    matrix("ffn_down_exps.weight", width_, shape_.feed_forward, shape_.experts);
  }

  void no_numbers() {}
  void expert_numbers() {
    if (shape_.experts == 0) return;
    number("expert_count", shape_.experts);
    number("expert_used_count", shape_.experts_used);
  }
  void add_llama() {
    vector("attn_norm.weight", width_);
    add_attention();
    vector("ffn_norm.weight", width_);
    shape_.experts > 0 ? add_experts() : add_feed_forward();
  }

  // the gate is in the other's matrix, and so are the keys and values
  void add_phi3() {
    vector("attn_norm.weight", width_);
    matrix("attn_qkv.weight", std::uint64_t{shape_.heads + 2 * shape_.kv_heads} * head_, width_);
    matrix("attn_output.weight", width_, std::uint64_t{shape_.heads} * head_);
    vector("ffn_norm.weight", width_);
    matrix("ffn_up.weight", 2 * shape_.feed_forward, width_);
    matrix("ffn_down.weight", width_, shape_.feed_forward);
  }

  void window_numbers() { number("attention.sliding_window", shape_.window); }
  void add_gemma() {
    for (const char* const name : {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"})
      vector(std::string(name) + ".weight", width_);
    add_attention();
    if (shape_.architecture == "gemma3") add_head_norms();
    add_feed_forward();
  }

  void gpt_oss_numbers() {
    window_numbers();
    expert_numbers();
    number("expert_feed_forward_length", shape_.feed_forward);
  }
  void add_gpt_oss() {
    vector("attn_norm.weight", width_);
    add_attention();
    vector("attn_q.bias", shape_.heads * head_);
    vector("attn_k.bias", shape_.kv_heads * head_);
    vector("attn_v.bias", shape_.kv_heads * head_);
    vector("attn_output.bias", width_);
    vector("attn_sinks.weight", shape_.heads);
    vector("post_attention_norm.weight", width_);
    add_experts();
    vector("ffn_gate_inp.bias", shape_.experts);
    small("ffn_gate_exps.bias", shape_.experts, shape_.feed_forward);
    small("ffn_up_exps.bias", shape_.experts, shape_.feed_forward);
    small("ffn_down_exps.bias", shape_.experts, width_);
  }

  std::uint32_t time_rank() const { return width_ / 16; }
  void mamba_numbers() {
    number("ssm.conv_kernel", kKernel);
    number("ssm.inner_size", shape_.inner);
    number("ssm.state_size", shape_.state);
    number("ssm.time_step_rank", shape_.architecture == "mamba2" ? kStateHeads : time_rank());
    if (shape_.architecture == "mamba2") number("ssm.group_count", 1u);
  }
  void add_mamba() {
    vector("attn_norm.weight", width_);
    matrix("ssm_in.weight", 2 * shape_.inner, width_);
    small("ssm_conv1d.weight", shape_.inner, kKernel);
    vector("ssm_conv1d.bias", shape_.inner);
    matrix("ssm_x.weight", time_rank() + 2 * shape_.state, shape_.inner);
    small("ssm_dt.weight", shape_.inner, time_rank());
    vector("ssm_dt.bias", shape_.inner);
    small("ssm_a", shape_.inner, shape_.state);
    vector("ssm_d", shape_.inner);
    matrix("ssm_out.weight", width_, shape_.inner);
  }
  void add_mamba2() {
    const std::uint32_t convolved = shape_.inner + 2 * shape_.state;
    vector("attn_norm.weight", width_);
    matrix("ssm_in.weight", shape_.inner + convolved + kStateHeads, width_);
    small("ssm_conv1d.weight", convolved, kKernel);
    vector("ssm_conv1d.bias", convolved);
    vector("ssm_dt.bias", kStateHeads);
    small("ssm_a", kStateHeads, 1);
    small("ssm_d", kStateHeads, 1);
    small("ssm_norm.weight", 1, shape_.inner);
    matrix("ssm_out.weight", width_, shape_.inner);
  }
  void add_jamba() {
    if (attends(layer_)) return add_llama();
    add_mamba();
    vector("ssm_dt_norm.weight", time_rank());
    vector("ssm_b_norm.weight", shape_.state);
    vector("ssm_c_norm.weight", shape_.state);
    vector("ffn_norm.weight", width_);
    add_feed_forward();
  }

  static constexpr std::uint32_t kShortCache = 3;
  void lfm2_numbers() { number("shortconv.l_cache", kShortCache); }
  void add_lfm2() {
    vector("attn_norm.weight", width_);
    vector("ffn_norm.weight", width_);
    add_feed_forward();
    if (attends(layer_)) {
      add_attention();
      return add_head_norms();
    }
    small("shortconv.conv.weight", width_, kShortCache);
    matrix("shortconv.in_proj.weight", 3 * width_, width_);
    matrix("shortconv.out_proj.weight", width_, width_);
  }

  void deepseek_numbers() {
    number("attention.q_lora_rank", kQueryRank);
    number("attention.kv_lora_rank", shape_.latent);
    number("attention.key_length", shape_.latent + shape_.rotated);
    number("attention.value_length", shape_.latent);
    number("attention.key_length_mla", kPlainLength + shape_.rotated);
    number("attention.value_length_mla", kPlainLength);
    number("leading_dense_block_count", shape_.layers);
    number("expert_count", 4u);
    number("expert_used_count", 2u);
    number("expert_shared_count", 1u);
    number("expert_feed_forward_length", 32u);
    number("expert_weights_scale", 1.0f);
  }
  void add_deepseek() {
    vector("attn_norm.weight", width_);
    matrix("attn_q_a.weight", kQueryRank, width_);
    vector("attn_q_a_norm.weight", kQueryRank);
    matrix("attn_q_b.weight", std::uint64_t{shape_.heads} * (kPlainLength + shape_.rotated), kQueryRank);
    matrix("attn_kv_a_mqa.weight", shape_.latent + shape_.rotated, width_);
    vector("attn_kv_a_norm.weight", shape_.latent);
    matrix("attn_k_b.weight", shape_.latent, kPlainLength, shape_.heads);
    matrix("attn_v_b.weight", kPlainLength, shape_.latent, shape_.heads);
    matrix("attn_output.weight", width_, std::uint64_t{shape_.heads} * kPlainLength);
    vector("ffn_norm.weight", width_);
    add_feed_forward();
  }

  void bert_numbers() {
    number("attention.layer_norm_epsilon", 1e-12f);
    file_.add("bert.attention.causal", false);
    number("pooling_type", 1u);
    file_.add("tokenizer.ggml.token_type_count", 1u);
    file_.add_tensor("token_types.weight", 1, width_, {});
    file_.add_tensor("position_embd.weight", shape_.context, width_, {});
    file_.add_tensor("token_embd_norm.weight", 0, width_, {});
    file_.add_tensor("token_embd_norm.bias", 0, width_, {});
  }
  void add_bert() {
    for (const char* const name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
      matrix(std::string(name) + ".weight", width_, width_);
      vector(std::string(name) + ".bias", width_);
    }
    for (const char* const name : {"attn_output_norm", "layer_output_norm"}) {
      vector(std::string(name) + ".weight", width_);
      vector(std::string(name) + ".bias", width_);
    }
    matrix("ffn_up.weight", shape_.feed_forward, width_);
    vector("ffn_up.bias", shape_.feed_forward);
    matrix("ffn_down.weight", width_, shape_.feed_forward);
    vector("ffn_down.bias", width_);
  }

  const HollowModel& shape_;
  GgufWriter& file_;
  const std::uint32_t width_;
  std::uint32_t head_, layer_ = 0;
  std::size_t tokens_ = 0;
};

const std::map<std::string_view, Maker::Kind> Maker::kKinds{
    {"llama", {&Maker::expert_numbers, &Maker::add_llama}},
    {"phi3", {&Maker::no_numbers, &Maker::add_phi3}},
    {"gemma2", {&Maker::window_numbers, &Maker::add_gemma}},
    {"gemma3", {&Maker::window_numbers, &Maker::add_gemma}},
    {"gpt-oss", {&Maker::gpt_oss_numbers, &Maker::add_gpt_oss}},
    {"mamba", {&Maker::mamba_numbers, &Maker::add_mamba}},
    {"mamba2", {&Maker::mamba_numbers, &Maker::add_mamba2}},
    {"jamba", {&Maker::mamba_numbers, &Maker::add_jamba}},
    {"lfm2", {&Maker::lfm2_numbers, &Maker::add_lfm2}},
    {"deepseek2", {&Maker::deepseek_numbers, &Maker::add_deepseek}},
    {"bert", {&Maker::bert_numbers, &Maker::add_bert}}};

}  // namespace

void HollowModel::write(const std::string& path) const {
  GgufWriter file;
  Maker(*this, file).make();
  file.write(path);
}

// As LLaVA's: an encoder of pictures, and two matrices between it and the model.
void write_hollow_projector(const std::string& path, std::uint32_t model_width) {
  constexpr std::uint32_t kSize = 224, kPatch = 14, kWidth = 256, kLong = 1024, kLayers = 2;
  GgufWriter file;
  file.add("general.architecture", "clip");
  file.add("general.type", "mmproj");
  file.add("clip.has_vision_encoder", true);
  file.add("clip.projector_type", "mlp");
  file.add("clip.use_gelu", true);
  for (const auto& [key, number] : {std::pair{"image_size", kSize},
                                    {"patch_size", kPatch},
                                    {"embedding_length", kWidth},
                                    {"feed_forward_length", kLong},
                                    {"block_count", kLayers},
                                    {"projection_dim", model_width},
                                    {"attention.head_count", 4u}})
    file.add(std::string("clip.vision.") + key, number);
  file.add("clip.vision.attention.layer_norm_epsilon", 1e-5f);
  for (const char* const key : {"clip.vision.image_mean", "clip.vision.image_std"})
    file.add(key, std::vector<float>(3, 0.5f));
  const auto matrix = [&](const std::string& name, std::uint64_t rows, std::uint64_t columns) {
    file.add_tensor(name + ".weight", rows, columns, {});
    file.add_tensor(name + ".bias", 0, rows == 0 ? columns : rows, {});
  };
  file.add_tensor("v.class_embd", 0, kWidth, {});
  file.add_zeros("v.patch_embd.weight", {kPatch, kPatch, 3, kWidth});
  file.add_tensor("v.position_embd.weight", (kSize / kPatch) * (kSize / kPatch) + 1, kWidth, {});
  matrix("v.pre_ln", 0, kWidth);
  for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
    const std::string block = "v.blk." + std::to_string(layer) + ".";
    for (const char* const name : {"attn_q", "attn_k", "attn_v", "attn_out"})
      matrix(block + name, kWidth, kWidth);
    for (const char* const name : {"ln1", "ln2"}) matrix(block + name, 0, kWidth);
    matrix(block + "ffn_up", kLong, kWidth);
    matrix(block + "ffn_down", kWidth, kLong);
  }
  matrix("mm.0", model_width, kWidth);
  matrix("mm.2", model_width, model_width);
  file.write(path);
}

}  // namespace tachikoma::testing
