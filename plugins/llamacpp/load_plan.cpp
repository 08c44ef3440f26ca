// SPDX-License-Identifier: MIT
#include "llamacpp/load_plan.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "base/load_settings.hpp"
#include "llamacpp/reserved_options.hpp"

namespace tachikoma::llamacpp {
namespace {

std::string text_of(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return {text, end};
}

class Planner {
 public:
  Planner(const LoadSettings& settings, const base::GgufModel& model, const ServerBinary& binary)
      : settings_(settings), model_(model), binary_(binary) {}

  Result<LoadPlan> plan() {
    number("context_length", settings_.context_length, "--ctx-size");
    gpu_layers();
    if (settings_.gpu_split_mode)
      option("gpu_split_mode", "--split-mode", std::string(to_string(*settings_.gpu_split_mode)));
    number("main_gpu", settings_.main_gpu, "--main-gpu");
    tensor_split();
    number("batch_size", settings_.batch_size, "--batch-size");
    number("micro_batch_size", settings_.micro_batch_size, "--ubatch-size");
    number("threads", settings_.threads, "--threads");
    memory();
    kv_offload();
    flash_attention();
    if (settings_.cache_type_k) option("cache_type_k", "--cache-type-k", *settings_.cache_type_k);
    if (settings_.cache_type_v) option("cache_type_v", "--cache-type-v", *settings_.cache_type_v);
    number("seed", settings_.seed, "--seed");
    if (settings_.rope_frequency_base)
      option("rope_frequency_base", "--rope-freq-base", text_of(*settings_.rope_frequency_base));
    if (settings_.rope_frequency_scale)
      option("rope_frequency_scale", "--rope-freq-scale", text_of(*settings_.rope_frequency_scale));
    experts();
    parallel();
    embedding();
    plan_.settings = settings_;
    extra();
    if (failure_) return *std::move(failure_);
    return std::move(plan_);
  }

 private:
  void fail(Error error) {
    if (!failure_) failure_ = std::move(error);
  }
  void lacks(std::string_view setting, std::string_view what) {
    fail(Error(ErrorCode::unsupported,
               "this llama-server (" + binary_.build + ") has no " + std::string(what) + ", so '" +
                   std::string(setting) + "' can't be delivered",
               "update llama.cpp, or remove the setting"));
  }
  void not_applied(std::string_view setting, std::string reason) {
    plan_.unapplied.push_back({.name = std::string(setting),
                               .asked = base::setting_value(settings_, setting),
                               .reason = std::move(reason)});
  }
  void add(std::initializer_list<std::string_view> words) {
    for (std::string_view word : words) plan_.arguments.emplace_back(word);
  }
  void option(std::string_view setting, std::string_view name, const std::string& value) {
    if (!binary_.has(name)) return lacks(setting, name);
    add({name, value});
  }
  void number(std::string_view setting, const std::optional<std::int64_t>& value, std::string_view name) {
    if (value) option(setting, name, std::to_string(*value));
  }

  void gpu_layers() {
    if (!settings_.gpu_layers) return;
    const GpuLayers& layers = *settings_.gpu_layers;
    // the output layer counts as a layer
    const bool all = layers.kind == GpuLayers::Kind::all;
    if (all) return option("gpu_layers", "--n-gpu-layers", "999");
    if (layers.kind == GpuLayers::Kind::count)
      return option("gpu_layers", "--n-gpu-layers", std::to_string(layers.count));
    if (!model_.layers)
      return fail(
          Error(ErrorCode::unsupported,
                "the model's file does not say how many layers it has, so a share of them can't be computed",
                "give the number of layers"));
    const double share = std::round(layers.ratio * static_cast<double>(*model_.layers + 1));
    option("gpu_layers", "--n-gpu-layers", std::to_string(static_cast<std::int64_t>(share)));
  }

  void tensor_split() {
    if (settings_.tensor_split.empty()) return;
    std::string shares;
    for (const double share : settings_.tensor_split) shares += (shares.empty() ? "" : ",") + text_of(share);
    option("tensor_split", "--tensor-split", shares);
  }

  // Newer builds have one option instead of two.
  void memory() {
    const bool mlock = settings_.use_mlock.value_or(false);
    const bool mmap = settings_.use_mmap.value_or(true);
    if (!settings_.use_mlock && !settings_.use_mmap) return;
    if (binary_.has("--load-mode"))
      return add({"--load-mode", mlock && mmap ? "mmap+mlock" : mlock ? "mlock" : mmap ? "mmap" : "none"});
    if (mlock && !binary_.has("--mlock")) return lacks("use_mlock", "--mlock");
    if (!mmap && !binary_.has("--no-mmap")) return lacks("use_mmap", "--no-mmap");
    if (mlock) add({"--mlock"});
    if (!mmap) add({"--no-mmap"});
  }

  void kv_offload() {
    if (!settings_.offload_kqv) return;
    if (!*settings_.offload_kqv) {
      if (!binary_.has("--no-kv-offload")) return lacks("offload_kqv", "--no-kv-offload");
      return add({"--no-kv-offload"});
    }
    if (binary_.has("--kv-offload")) add({"--kv-offload"});  // else it is always on
  }

  void flash_attention() {
    if (!settings_.flash_attention) return;
    const std::string_view wanted = to_string(*settings_.flash_attention);
    if (!binary_.has("--flash-attn")) return lacks("flash_attention", "--flash-attn");
    if (binary_.takes("--flash-attn", wanted)) return add({"--flash-attn", wanted});
    if (*settings_.flash_attention == FlashAttention::on) return add({"--flash-attn"});
    if (*settings_.flash_attention == FlashAttention::off && binary_.has("--no-flash-attn"))
      return add({"--no-flash-attn"});
    if (*settings_.flash_attention == FlashAttention::automatic)
      not_applied("flash_attention", "this build knows on and off only; it is off");
  }

  void experts() {
    if (!settings_.experts) return;
    if (!model_.experts.value_or(0))
      return fail(Error(ErrorCode::invalid_argument,
                        "the model is not a mixture of experts, so 'experts' can't be set", "remove it"));
    option("experts", "--override-kv",
           model_.architecture + ".expert_used_count=int:" + std::to_string(*settings_.experts));
  }

  // One context for all slots, so that each request may use the whole of it.
  void parallel() {
    if (!settings_.parallel) return;
    option("parallel", "--parallel", std::to_string(*settings_.parallel));
    if (binary_.has("--kv-unified")) add({"--kv-unified"});
  }

  // A server of an embedding model returns embeddings only with this option.
  void embedding() {
    if (!model_.is_embedding()) return;
    for (const std::string_view name : {"--embeddings", "--embedding"})
      if (binary_.has(name)) return add({name});
    fail(Error(
        ErrorCode::unsupported,
        "the model is one for embeddings, and this llama-server (" + binary_.build + ") has no --embeddings",
        "update llama.cpp"));
  }

  // An option with a value has a word for it; one without has its opposite.
  void flag(const std::string& setting, const std::string& name, bool on) {
    for (const std::string_view word : on ? std::array{"on", "true", "1"} : std::array{"off", "false", "0"})
      if (binary_.takes(name, word)) return add({name, word});
    const std::string& value = binary_.options.find(name)->second;
    if (!value.empty() && value.front() != '[')
      return fail(Error(
          ErrorCode::invalid_argument,
          "'" + setting + "' is " + (on ? "true" : "false") + ", but " + name + " takes a value: " + value,
          "give the value"));
    if (on) return add({name});
    const std::string opposite = name.starts_with("--no-") ? "--" + name.substr(5) : "--no-" + name.substr(2);
    if (!binary_.has(opposite))
      return fail(Error(ErrorCode::unsupported,
                        "this llama-server (" + binary_.build + ") has no " + opposite + ", so '" + setting +
                            ": false' can't be delivered",
                        "remove the setting: " + name + " is then not given"));
    add({opposite});
  }

  void extra() {
    for (const Member& member : settings_.extra.members()) {
      const std::string name = member.key.starts_with('-') ? member.key : "--" + member.key;
      if (Status allowed = check_argument("'extra'", name); !allowed) return fail(std::move(allowed).error());
      if (!binary_.has(name)) return lacks("extra." + member.key, name);
      const Value& value = member.value;
      if (value.is_bool()) {
        flag("extra." + member.key, name, value.as_bool());
      } else if (value.is_string()) {
        add({name, value.as_string()});
      } else if (value.is_integer()) {
        add({name, std::to_string(value.as_integer())});
      } else if (value.is_number()) {
        add({name, text_of(value.as_real())});
      } else {
        return fail(Error(ErrorCode::invalid_argument,
                          "'extra." + member.key + "' is neither text, number, true nor false"));
      }
    }
  }

  const LoadSettings& settings_;
  const base::GgufModel& model_;
  const ServerBinary& binary_;
  LoadPlan plan_;
  std::optional<Error> failure_;
};

}  // namespace

Result<LoadPlan> plan_load(const LoadSettings& settings, const base::GgufModel& model,
                           const ServerBinary& binary) {
  return Planner(settings, model, binary).plan();
}

}  // namespace tachikoma::llamacpp
