// SPDX-License-Identifier: MIT
#include "lmstudio/load_fields.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/load_settings.hpp"
#include "base/try.hpp"
#include "lmstudio/load_rows.hpp"

namespace tachikoma::lmstudio {
namespace {

std::string text_of(std::string_view text) { return std::string(text); }

bool is_single_gpu(const LoadSettings& settings) { return settings.gpu_split_mode == SplitMode::none; }

// The GPU that is filled first; a split with one share means the first too.
std::optional<std::int64_t> first_gpu(const LoadSettings& settings) {
  if (settings.main_gpu) return settings.main_gpu;
  if (is_single_gpu(settings) || settings.tensor_split.size() == 1) return 0;
  return std::nullopt;
}

Result<Value> write_gpu_split(const LoadSettings& settings, const LoadTarget& target) {
  Value::Array disabled, priority;
  Value::Array shares(settings.tensor_split.begin(), settings.tensor_split.end());
  std::string_view strategy = "evenly";
  if (shares.size() > 1) {
    strategy = "custom";
  } else {
    shares.clear();
    if (const auto first = first_gpu(settings)) {
      strategy = "priorityOrder";
      priority.emplace_back(*first);
    }
  }
  if (is_single_gpu(settings)) {
    const std::int64_t main = *first_gpu(settings);
    if (!target.gpus)
      return Error(ErrorCode::unsupported,
                   "gpu_split_mode 'none' needs to know how many GPUs there are: " + target.gpus.basis,
                   "leave gpu_split_mode out; main_gpu alone makes that GPU the first to be filled");
    if (main >= target.gpus.value)
      return Error(ErrorCode::invalid_argument, "main_gpu is " + std::to_string(main) + ", but there are " +
                                                    std::to_string(target.gpus.value) +
                                                    " GPUs, counted from 0");
    for (std::int64_t gpu = 0; gpu < target.gpus.value; ++gpu)
      if (gpu != main) disabled.emplace_back(gpu);
  }
  return Value::object({{"strategy", strategy},
                        {"disabledGpus", Value(std::move(disabled))},
                        {"priority", Value(std::move(priority))},
                        {"customRatio", Value(std::move(shares))}});
}

std::vector<std::string> split_settings(const LoadSettings& settings) {
  std::vector<std::string> names;
  if (settings.gpu_split_mode) names.emplace_back("gpu_split_mode");
  if (settings.main_gpu) names.emplace_back("main_gpu");
  if (!settings.tensor_split.empty()) names.emplace_back("tensor_split");
  return names;
}

Result<Value> write_offload(const GpuLayers& layers, const LoadTarget& target) {
  if (layers.kind == GpuLayers::Kind::all) return Value("max");
  if (layers.kind == GpuLayers::Kind::ratio) return Value(layers.ratio);
  if (layers.count == 0) return Value("off");
  if (!target.layers || target.layers.value <= 0)
    return Error(ErrorCode::unsupported,
                 "gpu_layers " + std::to_string(layers.count) +
                     " can't be delivered: LM Studio takes a share of a model's layers, and how many this "
                     "model has is not known: " +
                     target.layers.basis,
                 "use all, 0, or a share such as 50%");
  const double share = static_cast<double>(layers.count) / static_cast<double>(target.layers.value);
  return Value(std::min(1.0, share));
}

// Newer servers place models on their own, and then ignore these, unless they are told not to. As in LM
// Studio's own SDK.
void make_room(std::vector<LoadField>& fields) {
  const auto given = [&](std::string_view key) {
    return std::any_of(fields.begin(), fields.end(), [&](const LoadField& each) { return each.key == key; });
  };
  const bool manual = given("llm.load.contextLength") || given(kLlmOffload) || given(kGpuSplit) ||
                      given("llm.load.numCpuExpertLayersRatio") || given("load.gpuStrictVramCap");
  if (!manual) return;
  std::vector<LoadField> room;
  for (const char* key : {"llm.load.llama.autoFit", "llm.load.mlx.autoFit", "llm.load.yuzu.autoFit"})
    if (!given(key)) room.push_back({key, false});
  fields.insert(fields.begin(), room.begin(), room.end());
}

Status add_extra(const LoadSettings& settings, std::vector<LoadField>& fields) {
  for (const Member& member : settings.extra.members()) {
    const auto written = std::find_if(fields.begin(), fields.end(),
                                      [&](const LoadField& each) { return each.key == member.key; });
    if (written != fields.end())
      return Error(ErrorCode::invalid_argument,
                   "extra repeats '" + member.key + "', which '" + written->settings.front() + "' sets",
                   "remove one of them");
    fields.push_back({member.key, member.value, {member.key}});
  }
  return Done{};
}

void add_rows(const LoadSettings& settings, ModelKind kind, LoadFields& out) {
  for (const LoadRow& row : load_rows()) {
    const std::string_view key = kind == ModelKind::embedding ? row.embedding_key : row.llm_key;
    Value value = row.write(settings);
    if (value.is_null()) continue;
    if (key.empty())
      out.unapplied.push_back({text_of(row.setting),
                               base::setting_value(settings, row.setting),
                               {},
                               "models for embeddings have no such setting in LM Studio"});
    else
      out.fields.push_back({text_of(key), std::move(value), {text_of(row.setting)}});
  }
}

Error out_of_range(std::string_view setting, const Value& found, const std::string& expected) {
  return Error(ErrorCode::invalid_argument,
               text_of(setting) + " is " + base::to_json(found) + ", expected " + expected);
}

Status check_numbers(const LoadSettings& settings) {
  using Number = std::optional<std::int64_t> LoadSettings::*;
  const std::pair<std::string_view, Number> positive[] = {
      {"context_length", &LoadSettings::context_length},
      {"batch_size", &LoadSettings::batch_size},
      {"micro_batch_size", &LoadSettings::micro_batch_size},
      {"threads", &LoadSettings::threads},
      {"experts", &LoadSettings::experts}};
  for (const auto& [name, number] : positive)
    if (settings.*number && *(settings.*number) < 1)
      return out_of_range(name, *(settings.*number), "a number above 0");
  if (settings.parallel && (*settings.parallel < 1 || *settings.parallel > 1023))
    return out_of_range("parallel", *settings.parallel, "1 to 1023");
  if (settings.main_gpu && *settings.main_gpu < 0)
    return out_of_range("main_gpu", *settings.main_gpu, "the number of a GPU, counted from 0");
  const GpuLayers layers = settings.gpu_layers.value_or(GpuLayers::all());
  if (layers.count < 0 || !(layers.ratio >= 0 && layers.ratio <= 1))
    return out_of_range("gpu_layers", base::setting_value(settings, "gpu_layers"),
                        "all, a number of layers, or a share up to 100%");
  return Done{};
}

Status check_gpu_split(const LoadSettings& settings) {
  if (settings.gpu_split_mode == SplitMode::row)
    return Error(ErrorCode::unsupported,
                 "gpu_split_mode 'row' can't be delivered: no API of LM Studio is known to support it",
                 "use 'layer', or llama.cpp's own server with the plugin 'llamacpp'");
  for (const double share : settings.tensor_split)
    if (!(share >= 0) || !std::isfinite(share))
      return out_of_range("tensor_split", base::setting_value(settings, "tensor_split"),
                          "shares of 0 or more");
  if (settings.tensor_split.size() < 2) return Done{};
  if (!settings.main_gpu && !is_single_gpu(settings)) return Done{};
  return Error(ErrorCode::unsupported,
               "tensor_split can't be combined with " +
                   std::string(settings.main_gpu ? "main_gpu" : "gpu_split_mode 'none'") +
                   ": LM Studio ignores the order of the GPUs when their shares are given",
               "give the shares alone");
}

Status check_cache_types(const LoadSettings& settings) {
  constexpr std::string_view kTypes[] = {"f32", "f16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1"};
  const auto known = [&](const std::optional<std::string>& type) {
    return !type || std::find(std::begin(kTypes), std::end(kTypes), *type) != std::end(kTypes);
  };
  for (const char* name : {"cache_type_k", "cache_type_v"}) {
    const auto& type =
        name == std::string_view("cache_type_k") ? settings.cache_type_k : settings.cache_type_v;
    if (!known(type))
      return Error(
          ErrorCode::unsupported,
          text_of(name) + " '" + *type +
              "' can't be delivered: LM Studio knows f32, f16, q8_0, q4_0, q4_1, iq4_nl, q5_0 and q5_1");
  }
  return Done{};
}

bool is_quantized(const std::optional<std::string>& type) { return type && *type != "f16" && *type != "f32"; }

Status check_flash_attention(const LoadSettings& settings) {
  if (!is_quantized(settings.cache_type_v) || settings.flash_attention != FlashAttention::off) return Done{};
  return Error(ErrorCode::invalid_argument,
               "cache_type_v '" + *settings.cache_type_v + "' needs flash_attention, which is off",
               "set flash_attention: true, or leave cache_type_v out");
}

const Value* find_field(const Value& config, std::string_view key) {
  for (const Value& field : config["fields"].elements())
    if (field["key"].as_string() == key) return field.find("value");
  return nullptr;
}

bool same_number(const Value& a, const Value& b) {
  return a.is_number() && b.is_number() && std::abs(a.as_real() - b.as_real()) <= 1e-6;
}

bool is_offload(std::string_view key) { return key == kLlmOffload || key == kEmbeddingOffload; }

// LM Studio returns 1 for "max", and may return numbers in another form.
bool same_value(std::string_view key, const Value& a, const Value& b) {
  if (a == b || same_number(a, b)) return true;
  if (is_offload(key)) {
    const GpuLayers x = read_offload(a), y = read_offload(b);
    return x.kind == y.kind && x.count == y.count && std::abs(x.ratio - y.ratio) <= 1e-6;
  }
  if (a.is_array() && b.is_array())
    return std::equal(a.elements().begin(), a.elements().end(), b.elements().begin(), b.elements().end(),
                      [](const Value& x, const Value& y) { return x == y || same_number(x, y); });
  if (!a.is_object() || !b.is_object()) return false;
  if (a.find("checked") && !a["checked"].as_bool() && !b["checked"].as_bool()) return true;
  return std::all_of(a.members().begin(), a.members().end(),
                     [&](const Member& member) { return same_value({}, member.value, b[member.key]); });
}

}  // namespace

bool needs_layer_count(const LoadSettings& settings) {
  return settings.gpu_layers && settings.gpu_layers->kind == GpuLayers::Kind::count &&
         settings.gpu_layers->count > 0;
}

bool needs_gpu_count(const LoadSettings& settings) { return is_single_gpu(settings); }

Status check_load_settings(const LoadSettings& settings) {
  for (const auto check : {check_numbers, check_gpu_split, check_cache_types, check_flash_attention})
    TACHIKOMA_TRY_STATUS(check(settings));
  if (!settings.extra.is_null() && !settings.extra.is_object())
    return out_of_range("extra", settings.extra, "an object of LM Studio's own fields");
  return Done{};
}

Result<LoadFields> write_load_fields(const LoadSettings& settings, const LoadTarget& target) {
  const bool embedding = target.kind == ModelKind::embedding;
  LoadFields out;
  if (std::vector<std::string> names = split_settings(settings); !names.empty()) {
    TACHIKOMA_TRY(Value split, write_gpu_split(settings, target));
    out.fields.push_back({text_of(kGpuSplit), std::move(split), std::move(names)});
  }
  if (settings.gpu_layers) {
    TACHIKOMA_TRY(Value ratio, write_offload(*settings.gpu_layers, target));
    const std::string_view key = embedding ? kEmbeddingOffload : kLlmOffload;
    out.fields.push_back({text_of(key), std::move(ratio), {"gpu_layers"}});
  }
  add_rows(settings, target.kind, out);
  TACHIKOMA_TRY_STATUS(add_extra(settings, out.fields));
  if (!embedding) make_room(out.fields);
  if (!embedding && is_quantized(settings.cache_type_v) && settings.flash_attention != FlashAttention::on)
    out.notices.push_back("cache_type_v '" + *settings.cache_type_v +
                          "' works with flash attention only, which is left to LM Studio");
  return out;
}

Value config_stack(const std::vector<LoadField>& fields) {
  Value list = base::array_of(fields, [](const LoadField& field) {
    return Value::object({{"key", field.key}, {"value", field.value}});
  });
  Value layer =
      Value::object({{"layerName", "apiOverride"}, {"config", Value::object({{"fields", std::move(list)}})}});
  return Value::object({{"layers", Value::array({std::move(layer)})}});
}

LoadSettings read_load_fields(const Value& config) {
  LoadSettings settings;
  for (const LoadRow& row : load_rows())
    for (const std::string_view key : {row.llm_key, row.embedding_key})
      if (const Value* value = key.empty() ? nullptr : find_field(config, key)) row.read(*value, settings);
  for (const std::string_view key : {kLlmOffload, kEmbeddingOffload})
    if (const Value* ratio = find_field(config, key)) settings.gpu_layers = read_offload(*ratio);
  if (const Value* split = find_field(config, kGpuSplit)) read_gpu_split(*split, settings);
  return settings;
}

std::vector<UnappliedSetting> compare_load_fields(const LoadSettings& asked,
                                                  const std::vector<LoadField>& fields,
                                                  const Value& effective) {
  const LoadSettings applied = read_load_fields(effective);
  std::vector<UnappliedSetting> unapplied;
  for (const LoadField& field : fields) {
    const Value* found = find_field(effective, field.key);
    if (found && same_value(field.key, field.value, *found)) continue;
    for (const std::string& name : field.settings) {
      const bool raw = asked.extra.find(name);
      UnappliedSetting& lost = unapplied.emplace_back();
      lost.name = name;
      lost.asked = raw ? field.value : base::setting_value(asked, name);
      if (found) lost.applied = raw ? *found : base::setting_value(applied, name);
      lost.reason = found ? "LM Studio loaded the model with a different value"
                          : "LM Studio does not list it among what it applied";
    }
  }
  return unapplied;
}

std::vector<std::string> present_settings(const LoadSettings& settings) {
  std::vector<std::string> names;
  if (settings.gpu_layers) names.emplace_back("gpu_layers");
  for (std::string& name : split_settings(settings)) names.push_back(std::move(name));
  for (const LoadRow& row : load_rows())
    if (!row.write(settings).is_null()) names.emplace_back(row.setting);
  if (settings.ttl) names.emplace_back("ttl");
  if (settings.identifier) names.emplace_back("identifier");
  for (const Member& member : settings.extra.members()) names.push_back(member.key);
  return names;
}

}  // namespace tachikoma::lmstudio
