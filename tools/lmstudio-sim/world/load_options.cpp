// SPDX-License-Identifier: MIT
#include "world/load_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string_view>

namespace lmstudio_sim {

namespace {

constexpr std::string_view kAutoFit = "llm.load.llama.autoFit";
constexpr std::string_view kOffloadRatio = "llama.acceleration.offloadRatio";

enum class Form : std::uint8_t {
  boolean,
  positive,  // a whole number above 0
  whole,     // a whole number, 0 included
  fraction,  // from 0 to 1
  text,
  ratio,          // a fraction, "max" or "off"
  checked_whole,  // {"checked":…,"value":…}
  checked_number,
  cache_type,
  gpu_split,
  any_object,
};

struct Setting {
  std::string_view key;
  Form form;
};

constexpr std::array<Setting, 39> kLanguageModel{
    {{kAutoFit, Form::boolean},
     {"llm.load.mlx.autoFit", Form::boolean},
     {"llm.load.yuzu.autoFit", Form::boolean},
     {"llm.load.autoFitMinContextLength", Form::whole},
     {"llm.load.contextLength", Form::positive},
     {"llm.load.llama.acceleration.offloadRatio", Form::ratio},
     {"load.gpuSplitConfig", Form::gpu_split},
     {"load.gpuStrictVramCap", Form::boolean},
     {"llm.load.numCpuExpertLayersRatio", Form::ratio},
     {"llm.load.offloadKVCacheToGpu", Form::boolean},
     {"llm.load.llama.evalBatchSize", Form::positive},
     {"llm.load.llama.physicalBatchSize", Form::positive},
     {"llm.load.llama.flashAttention", Form::boolean},
     {"llm.load.llama.keepModelInMemory", Form::boolean},
     {"llm.load.llama.tryMmap", Form::boolean},
     {"llm.load.llama.tryDirectIO", Form::boolean},
     {"llm.load.llama.cpuThreadPoolSize", Form::positive},
     {"llm.load.llama.kCacheQuantizationType", Form::cache_type},
     {"llm.load.llama.vCacheQuantizationType", Form::cache_type},
     {"llm.load.llama.useFp16ForKVCache", Form::boolean},
     {"llm.load.llama.ropeFrequencyBase", Form::checked_number},
     {"llm.load.llama.ropeFrequencyScale", Form::checked_number},
     {"llm.load.seed", Form::checked_whole},
     {"llm.load.numExperts", Form::whole},
     {"llm.load.numParallelSessions", Form::positive},
     {"llm.load.useUnifiedKvCache", Form::boolean},
     {"llm.load.promptTemplate", Form::any_object},
     {"llm.load.llama.contextCheckpoints", Form::whole},
     {"llm.load.llama.reasoningBudgetMessage", Form::text},
     {"llm.load.llama.speculativeDecoding.draftMtp", Form::boolean},
     {"llm.load.llama.speculativeDecoding.draftSimple", Form::boolean},
     {"llm.load.llama.speculativeDecoding.draftModel", Form::text},
     {"llm.load.llama.speculativeDecoding.draftMaxTokens", Form::whole},
     {"llm.load.llama.speculativeDecoding.draftMinTokens", Form::whole},
     {"llm.load.llama.speculativeDecoding.draftMinContinueProbability", Form::fraction},
     {"llm.load.llama.argumentsOverride", Form::any_object},
     {"llm.load.mlx.diskCache", Form::boolean},
     {"llm.load.mlx.kvCacheQuantization", Form::any_object},
     {"envVars", Form::any_object}}};

constexpr std::array<Setting, 9> kEmbeddingModel{
    {{"embedding.load.contextLength", Form::positive},
     {"embedding.load.llama.acceleration.offloadRatio", Form::ratio},
     {"load.gpuSplitConfig", Form::gpu_split},
     {"embedding.load.llama.evalBatchSize", Form::positive},
     {"embedding.load.llama.keepModelInMemory", Form::boolean},
     {"embedding.load.llama.tryMmap", Form::boolean},
     {"embedding.load.llama.ropeFrequencyBase", Form::checked_number},
     {"embedding.load.llama.ropeFrequencyScale", Form::checked_number},
     {"embedding.load.seed", Form::checked_whole}}};

// What a server with autoFit decides itself, unless told not to.
constexpr std::array<std::string_view, 5> kPlacement{
    "llm.load.contextLength", "llm.load.llama.acceleration.offloadRatio", "load.gpuSplitConfig",
    "load.gpuStrictVramCap", "llm.load.numCpuExpertLayersRatio"};

struct CacheType {
  std::string_view name;
  double bytes;  // per element
};
constexpr std::array<CacheType, 8> kCacheTypes{{{"f32", 4},
                                                {"f16", 2},
                                                {"q8_0", 1.0625},
                                                {"q4_0", 0.5625},
                                                {"q4_1", 0.625},
                                                {"iq4_nl", 0.5625},
                                                {"q5_0", 0.6875},
                                                {"q5_1", 0.75}}};

const CacheType* find_cache_type(std::string_view name) {
  const auto found = std::ranges::find(kCacheTypes, name, &CacheType::name);
  return found == kCacheTypes.end() ? nullptr : &*found;
}

bool is_fraction(const JsonValue& value) {
  return value.is_number() && value.as_real() >= 0 && value.as_real() <= 1;
}

bool is_list(const JsonValue& list, bool (*fits)(const JsonValue&)) {
  return list.is_array() && std::ranges::all_of(list.elements(), fits);
}

bool is_gpu_split(const JsonValue& value) {
  static constexpr std::array<std::string_view, 4> kStrategies{"evenly", "priorityOrder", "custom", "tensor"};
  const auto index = [](const JsonValue& each) { return each.as_integer(-1) >= 0; };
  const auto share = [](const JsonValue& each) { return each.as_real(-1) >= 0; };
  return std::ranges::find(kStrategies, value["strategy"].as_string()) != kStrategies.end() &&
         is_list(value["disabledGpus"], index) && is_list(value["priority"], index) &&
         is_list(value["customRatio"], share);
}

bool fits(Form form, const JsonValue& value) {
  const bool checkbox = value["checked"].is_bool();
  switch (form) {
    case Form::boolean: return value.is_bool();
    case Form::positive: return value.as_integer() > 0;
    case Form::whole: return value.as_integer(-1) >= 0;
    case Form::fraction: return is_fraction(value);
    case Form::text: return value.is_string();
    case Form::ratio: return is_fraction(value) || value.as_string() == "max" || value.as_string() == "off";
    case Form::checked_whole: return checkbox && value["value"].is_integer();
    case Form::checked_number: return checkbox && value["value"].is_number();
    case Form::cache_type: return checkbox && find_cache_type(value["value"].as_string());
    case Form::gpu_split: return is_gpu_split(value);
    case Form::any_object: return value.is_object();
  }
  return false;
}

JsonValue normalised(Form form, const JsonValue& value) {
  if (form != Form::ratio || !value.is_string()) return value;
  return value.as_string() == "max" ? 1 : 0;
}

JsonValue unchecked(const JsonValue& value) {
  return JsonValue::object({{"checked", false}, {"value", value}});
}

JsonValue evenly() {
  return JsonValue::object({{"strategy", "evenly"},
                            {"disabledGpus", JsonValue::array()},
                            {"priority", JsonValue::array()},
                            {"customRatio", JsonValue::array()}});
}

// What llama.cpp uses for a load without options.
JsonValue llama_settings(const ModelSpec& model) {
  if (model.type == "embedding")
    return JsonValue::object({{"embedding.load.contextLength", model.context_length},
                              {"embedding.load.llama.acceleration.offloadRatio", 1},
                              {"load.gpuSplitConfig", evenly()},
                              {"embedding.load.llama.evalBatchSize", 512},
                              {"embedding.load.llama.keepModelInMemory", true},
                              {"embedding.load.llama.tryMmap", true}});
  return JsonValue::object({{"llm.load.contextLength", model.context_length},
                            {"llm.load.llama.acceleration.offloadRatio", 1},
                            {"load.gpuSplitConfig", evenly()},
                            {"load.gpuStrictVramCap", false},
                            {"llm.load.numCpuExpertLayersRatio", 0},
                            {"llm.load.offloadKVCacheToGpu", true},
                            {"llm.load.llama.evalBatchSize", 512},
                            {"llm.load.llama.physicalBatchSize", 512},
                            {"llm.load.llama.flashAttention", true},
                            {"llm.load.llama.keepModelInMemory", true},
                            {"llm.load.llama.tryMmap", true},
                            {"llm.load.llama.cpuThreadPoolSize", 4},
                            {"llm.load.llama.kCacheQuantizationType", unchecked("f16")},
                            {"llm.load.llama.vCacheQuantizationType", unchecked("f16")},
                            {"llm.load.numParallelSessions", model.parallel.value_or(4)},
                            {"llm.load.useUnifiedKvCache", true}});
}

bool is_for_llama(std::string_view key) { return key.find(".llama.") != std::string_view::npos; }

const Setting* find_setting(const ModelSpec& model, std::string_view key) {
  if (model.mlx && is_for_llama(key)) return nullptr;
  const std::span<const Setting> all =
      model.type == "embedding" ? std::span<const Setting>(kEmbeddingModel) : kLanguageModel;
  const auto found = std::ranges::find(all, key, &Setting::key);
  return found == all.end() ? nullptr : &*found;
}

JsonValue default_settings(const ModelSpec& model) {
  const JsonValue all = llama_settings(model);
  if (!model.mlx) return all;
  JsonValue settings = JsonValue::object();
  for (const auto& [key, value] : all.members())
    if (!is_for_llama(key)) settings.set(key, value);
  return settings;
}

bool contains(const auto& list, std::string_view key) {
  return std::ranges::find(list, key) != std::ranges::end(list);
}

// Bytes per element of the cache for K or V.
double cache_bytes(const JsonValue& settings, const char* key) {
  const JsonValue& choice = settings[key];
  const CacheType* type =
      choice["checked"].as_bool() ? find_cache_type(choice["value"].as_string()) : nullptr;
  return type ? type->bytes : 2;
}

// Moves layers that don't fit off the GPUs, whatever was requested.
void cap_vram(const Script& script, const ModelSpec& model, JsonValue& settings) {
  const MemoryNeed need = memory_need(model, settings);
  const std::int64_t vram = need.model_vram + need.context_vram;
  if (vram <= script.vram_bytes) return;
  const std::string key = "llm.load." + std::string(kOffloadRatio);
  const double room = static_cast<double>(script.vram_bytes) / static_cast<double>(vram);
  settings.set(key, std::floor(settings[key].as_real(1) * room * 100) / 100);
}

}  // namespace

JsonValue effective_settings(const Script& script, const ModelSpec& model, const JsonValue& requested) {
  JsonValue settings = default_settings(model);
  const bool fits_itself = script.auto_fit && requested[kAutoFit].as_bool(true);
  for (const auto& [key, value] : requested.members()) {
    const Setting* setting = find_setting(model, key);
    if (!setting || !fits(setting->form, value)) continue;
    if (contains(script.ignores, key) || (fits_itself && contains(kPlacement, key))) continue;
    settings.set(key, normalised(setting->form, value));
  }
  const std::string context_key =
      model.type == "embedding" ? "embedding.load.contextLength" : "llm.load.contextLength";
  settings.set(context_key, std::min(context_of(model, settings), model.max_context));
  if (settings["load.gpuStrictVramCap"].as_bool()) cap_vram(script, model, settings);
  return settings;
}

std::int64_t context_of(const ModelSpec& model, const JsonValue& settings) {
  const char* key = model.type == "embedding" ? "embedding.load.contextLength" : "llm.load.contextLength";
  return settings[key].as_integer(model.context_length);
}

// With the default context, the cache takes a tenth of the file's size.
MemoryNeed memory_need(const ModelSpec& model, const JsonValue& settings) {
  const double tokens =
      static_cast<double>(context_of(model, settings)) / static_cast<double>(model.context_length);
  const double element = (cache_bytes(settings, "llm.load.llama.kCacheQuantizationType") +
                          cache_bytes(settings, "llm.load.llama.vCacheQuantizationType")) /
                         4;
  const std::string ratio_key =
      (model.type == "embedding" ? "embedding.load." : "llm.load.") + std::string(kOffloadRatio);
  const double ratio = settings[ratio_key].as_real(1);
  MemoryNeed need;
  need.model = model.size_bytes;
  need.context = static_cast<std::int64_t>(static_cast<double>(model.size_bytes / 10) * tokens * element);
  need.model_vram = static_cast<std::int64_t>(static_cast<double>(need.model) * ratio);
  if (settings["llm.load.offloadKVCacheToGpu"].as_bool(true))
    need.context_vram = static_cast<std::int64_t>(static_cast<double>(need.context) * ratio);
  return need;
}

std::string guardrail_text(std::int64_t required_bytes) {
  std::array<char, 32> gigabytes;
  std::snprintf(gigabytes.data(), gigabytes.size(), "%.2f", static_cast<double>(required_bytes) / 1e9);
  return "Model loading was stopped due to insufficient system resources. Under the current settings, this "
         "model requires approximately " +
         std::string(gigabytes.data()) +
         " GB of memory, and continuing to load it would likely overload your system and cause it to freeze. "
         "If you think this is incorrect, you can adjust the model loading guardrails in settings.";
}

}  // namespace lmstudio_sim
