// SPDX-License-Identifier: MIT
#include "lmstudio/models.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "common/chat/model_list.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kNative = "LM Studio /api/v1/models";
constexpr std::string_view kOlder = "LM Studio /api/v0/models";
constexpr std::string_view kOpenAi = "LM Studio /v1/models";

Error not_a_list(std::string_view basis, const Value& reply) {
  return Error(ErrorCode::protocol,
               std::string(basis) + " is not a list of models: '" + base::excerpt(base::to_json(reply)) + "'",
               "update LM Studio, or check base_url");
}

void copy_present(const Value& from, std::initializer_list<std::string_view> keys, Value& to) {
  for (std::string_view key : keys)
    if (const Value* value = from.find(key); value && !value->is_null()) to.set(key, *value);
}

std::optional<bool> flag(const Value& value) {
  return value.is_bool() ? std::optional(value.as_bool()) : std::nullopt;
}

ModelInfo read_native_model(const Value& entry) {
  ModelInfo model;
  model.key = entry["key"].as_string();
  model.display_name = entry["display_name"].as_string();
  model.publisher = entry["publisher"].as_string();
  model.architecture = entry["architecture"].as_string();
  model.quantization = entry["quantization"]["name"].as_string();
  model.format = entry["format"].as_string();
  model.kind = kind_of(entry["type"].as_string());
  model.size_bytes = kit::reported(entry["size_bytes"], kNative, "its size");
  model.max_context_length =
      kit::reported(entry["max_context_length"], kNative, "its maximum context length");
  for (const Value& instance : entry["loaded_instances"].elements())
    model.instances.push_back(
        {std::string(instance["id"].as_string()), kit::reported(instance["config"]["context_length"], kNative,
                                                                "the context length of this instance")});
  model.state = model.instances.empty() ? ModelState::not_loaded : ModelState::loaded;
  const Value& capabilities = entry["capabilities"];
  model.vision = flag(capabilities["vision"]);
  model.tool_use = flag(capabilities["trained_for_tool_use"]);
  for (const Value& option : capabilities["reasoning"]["allowed_options"].elements())
    model.reasoning_options.emplace_back(option.as_string());
  read_variants(entry["variants"], entry["selected_variant"], model);
  copy_present(entry, {"params_string", "description", "variants", "selected_variant", "loaded_instances"},
               model.extra);
  copy_present(entry["quantization"], {"bits_per_weight"}, model.extra);
  copy_present(capabilities, {"reasoning"}, model.extra);
  return model;
}

Result<std::vector<ModelInfo>> read_native(const Value& reply) {
  const Value* list = reply.find("models");
  if (!list || !list->is_array()) return not_a_list(kNative, reply);
  std::vector<ModelInfo> models;
  models.reserve(list->elements().size());
  for (const Value& entry : list->elements())
    if (!entry["key"].as_string().empty()) models.push_back(read_native_model(entry));
  return models;
}

ModelInfo read_older_model(const Value& entry) {
  ModelInfo model;
  model.key = entry["id"].as_string();
  model.publisher = entry["publisher"].as_string();
  model.architecture = entry["arch"].as_string();
  model.quantization = entry["quantization"].as_string();
  model.format = entry["compatibility_type"].as_string();
  model.kind = kind_of(entry["type"].as_string());
  const std::string_view state = entry["state"].as_string();
  model.state = state == "loaded"    ? ModelState::loaded
                : state == "loading" ? ModelState::loading
                : state.empty()      ? ModelState::unknown
                                     : ModelState::not_loaded;
  model.size_bytes = kit::reported({}, kOlder, "sizes; LM Studio 0.4 does");
  model.max_context_length = kit::reported(entry["max_context_length"], kOlder, "its maximum context length");
  if (model.state == ModelState::loaded)
    model.instances.push_back(
        {model.key, kit::reported(entry["loaded_context_length"], kOlder, "the loaded context length")});
  if (entry["type"].is_string()) model.vision = entry["type"].as_string() == "vlm";
  const Value& capabilities = entry["capabilities"];
  if (capabilities.is_array()) {
    const auto& list = capabilities.elements();
    model.tool_use = std::any_of(list.begin(), list.end(),
                                 [](const Value& each) { return each.as_string() == "tool_use"; });
  }
  return model;
}

// A model can appear again for a loaded instance.
Result<std::vector<ModelInfo>> read_older(const Value& reply) {
  const Value* list = reply.find("data");
  if (!list || !list->is_array()) return not_a_list(kOlder, reply);
  std::vector<ModelInfo> models;
  models.reserve(list->elements().size());
  std::unordered_map<std::string, std::size_t> places;
  for (const Value& entry : list->elements()) {
    ModelInfo model = read_older_model(entry);
    if (model.key.empty()) continue;
    const auto [place, is_new] = places.emplace(model.key, models.size());
    if (is_new) {
      models.push_back(std::move(model));
      continue;
    }
    ModelInfo& known = models[place->second];
    if (model.state != ModelState::loaded || known.state == ModelState::loaded) continue;
    known.state = model.state;
    known.instances = std::move(model.instances);
    if (model.tool_use) known.tool_use = model.tool_use;
  }
  return models;
}

Result<std::vector<ModelInfo>> read_openai(const Value& reply) {
  Result<std::vector<ModelInfo>> models = kit::read_openai_models(reply, kOpenAi);
  if (models)
    for (ModelInfo& model : *models)
      if (model.publisher == "organization_owner") model.publisher.clear();  // the same for every model
  return models;
}

}  // namespace

void read_variants(const Value& variants, const Value& selected, ModelInfo& model) {
  for (const Value& each : variants.elements()) {
    const std::string_view name = each.as_string();
    const bool by_quantization = base::same_ignoring_case(name, model.key + "@" + model.quantization);
    if (!name.empty() && !(each == selected && by_quantization)) model.variants.emplace_back(name);
  }
}

ModelKind kind_of(std::string_view type) {
  if (type == "llm" || type == "vlm") return ModelKind::llm;
  return type == "embedding" || type == "embeddings" ? ModelKind::embedding : ModelKind::unknown;
}

const std::vector<ListSurface>& list_surfaces() {
  static const std::vector<ListSurface> surfaces{{"/api/v1", "/api/v1/models", read_native},
                                                 {"/api/v0", "/api/v0/models", read_older},
                                                 {"/v1", "/v1/models", read_openai}};
  return surfaces;
}

}  // namespace tachikoma::lmstudio
