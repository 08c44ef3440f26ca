// SPDX-License-Identifier: MIT
#include <algorithm>

#include "openai/routes.hpp"

namespace lmstudio_sim {

namespace {

JsonValue openai_entry(std::string_view id) {
  return JsonValue::object({{"id", id}, {"object", "model"}, {"owned_by", "organization_owner"}});
}

// What /v1/models lists: the models on disk if requests may load them, otherwise the loaded ones.
std::vector<std::string> listed_ids(SimulatorState& simulator) {
  std::vector<std::string> ids;
  if (simulator.loaded_models.jit())
    for (const ModelSpec* model : simulator.library.models()) ids.push_back(model->key);
  else
    for (const Instance& instance : simulator.loaded_models.instances())
      if (instance.ready()) ids.push_back(instance.id);
  return ids;
}

const char* v0_type(const ModelSpec& model) {
  return model.type == "embedding" ? "embeddings" : model.vision || model.type == "vlm" ? "vlm" : "llm";
}

JsonValue v0_entry(const ModelSpec& model, std::string_view id, const Instance* instance) {
  const bool ready = instance && instance->ready();
  JsonValue entry = JsonValue::object({{"id", id},
                                       {"object", "model"},
                                       {"type", v0_type(model)},
                                       {"publisher", model.publisher},
                                       {"arch", model.arch},
                                       {"compatibility_type", format_of(model)},
                                       {"quantization", model.quantization},
                                       {"state", ready      ? "loaded"
                                                 : instance ? "loading"
                                                            : "not-loaded"},
                                       {"max_context_length", model.max_context}});
  if (ready) entry.set("loaded_context_length", instance->context_length);
  if (model.tools) entry.set("capabilities", JsonValue::array({"tool_use"}));
  return entry;
}

// One row for each instance, or for a model without instances.
std::vector<JsonValue> v0_entries(SimulatorState& simulator) {
  const std::vector<Instance> instances = simulator.loaded_models.instances();
  std::vector<JsonValue> entries;
  for (const ModelSpec* model : simulator.library.models()) {
    const std::size_t before = entries.size();
    for (const Instance& instance : instances)
      if (instance.key == model->key) entries.push_back(v0_entry(*model, instance.id, &instance));
    if (entries.size() == before) entries.push_back(v0_entry(*model, model->key, nullptr));
  }
  return entries;
}

JsonValue quantization_of(const ModelSpec& model) {
  const double bits = bits_per_weight(model.quantization);
  return JsonValue::object(
      {{"name", model.quantization}, {"bits_per_weight", bits > 0 ? JsonValue(bits) : JsonValue()}});
}

}  // namespace

JsonValue native_load_config(const ModelSpec& model, const JsonValue& settings) {
  JsonValue config = JsonValue::object({{"context_length", context_of(model, settings)}});
  if (model.type == "embedding") return config;
  const auto copy = [&](const char* key, std::string_view setting) {
    if (const JsonValue* value = settings.find(setting)) config.set(key, *value);
  };
  copy("eval_batch_size", "llm.load.llama.evalBatchSize");
  copy("parallel", "llm.load.numParallelSessions");
  copy("flash_attention", "llm.load.llama.flashAttention");
  copy("num_experts", "llm.load.numExperts");
  copy("offload_kv_cache_to_gpu", "llm.load.offloadKVCacheToGpu");
  return config;
}

namespace {

JsonValue loaded_instances(const ModelSpec& model, const std::vector<Instance>& instances) {
  JsonValue loaded = JsonValue::array();
  for (const Instance& instance : instances) {
    if (instance.key != model.key || !instance.ready()) continue;
    loaded.push_back(
        JsonValue::object({{"id", instance.id}, {"config", native_load_config(model, instance.settings)}}));
  }
  return loaded;
}

JsonValue capabilities_of(const ModelSpec& model) {
  JsonValue capabilities =
      JsonValue::object({{"vision", model.vision}, {"trained_for_tool_use", model.tools}});
  if (!model.reasoning_options.empty()) {
    JsonValue options = JsonValue::array();
    for (const std::string& option : model.reasoning_options) options.push_back(option);
    capabilities.set("reasoning", JsonValue::object({{"allowed_options", std::move(options)},
                                                     {"default", model.reasoning_default}}));
  }
  return capabilities;
}

JsonValue native_entry(const ModelSpec& model, const std::vector<Instance>& instances) {
  const bool embedding = model.type == "embedding";
  JsonValue entry = JsonValue::object({{"type", embedding ? "embedding" : "llm"},
                                       {"publisher", model.publisher},
                                       {"key", model.key},
                                       {"display_name", model.display_name}});
  if (!embedding) entry.set("architecture", model.arch);
  entry.set("quantization", quantization_of(model));
  entry.set("size_bytes", model.size_bytes);
  entry.set("params_string", model.params.empty() ? JsonValue() : JsonValue(model.params));
  entry.set("loaded_instances", loaded_instances(model, instances));
  entry.set("max_context_length", model.max_context);
  entry.set("format", format_of(model));
  if (!embedding) {
    entry.set("capabilities", capabilities_of(model));
    entry.set("description", nullptr);
  }
  return entry;
}

WireError no_such_model(std::string_view id) {
  WireError error = model_error("Model \"" + std::string(id) + "\" not found");
  error.status = 404;
  return error;
}

}  // namespace

void openai_models(Call& call) {
  JsonValue data = JsonValue::array();
  for (const std::string& id : listed_ids(call.simulator)) data.push_back(openai_entry(id));
  call.exchange.send_json(200, JsonValue::object({{"data", std::move(data)}, {"object", "list"}}));
}

void openai_model(Call& call, std::string_view id) {
  const std::vector<std::string> ids = listed_ids(call.simulator);
  if (std::ranges::find(ids, id) == ids.end()) return call.fail(no_such_model(id));
  call.exchange.send_json(200, openai_entry(id));
}

void v0_models(Call& call) {
  call.exchange.send_json(200, JsonValue::object({{"object", "list"}, {"data", v0_entries(call.simulator)}}));
}

void v0_model(Call& call, std::string_view id) {
  for (const JsonValue& entry : v0_entries(call.simulator))
    if (entry["id"].as_string() == id) return call.exchange.send_json(200, entry);
  call.fail(no_such_model(id));
}

void native_models(Call& call) {
  const std::vector<Instance> instances = call.simulator.loaded_models.instances();
  JsonValue models = JsonValue::array();
  for (const ModelSpec* model : call.simulator.library.models())
    models.push_back(native_entry(*model, instances));
  call.exchange.send_json(200, JsonValue::object({{"models", std::move(models)}}));
}

}  // namespace lmstudio_sim
