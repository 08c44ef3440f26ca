// SPDX-License-Identifier: MIT
#include "sdk/model_info.hpp"

#include <algorithm>

namespace lmstudio_sim {

namespace {

constexpr std::size_t kSample = 5;

std::string_view domain_of(const ModelSpec& model) { return model.type == "embedding" ? "embedding" : "llm"; }

JsonValue sample(const std::vector<std::string>& names) {
  JsonValue list = JsonValue::array();
  for (std::size_t i = 0; i < std::min(kSample, names.size()); ++i) list.push_back(names[i]);
  return list;
}

std::vector<std::string> identifiers(SimulatorState& simulator, std::string_view space) {
  std::vector<std::string> names;
  for (const Instance& each : loaded_in(simulator, space)) names.push_back(each.id);
  return names;
}

SdkError path_not_found(SimulatorState& simulator, std::string_view key) {
  std::vector<std::string> keys;
  for (const ModelSpec* model : simulator.library.models()) keys.push_back(model->key);
  return {.title = "Cannot find a model with path \"" + std::string(key) + "\"",
          .suggestion = "Use \"lms ls\" to list the models on this machine.",
          .display = JsonValue::object({{"code", "generic.pathNotFound"},
                                        {"path", key},
                                        {"availablePathsSample", sample(keys)},
                                        {"totalModels", static_cast<std::int64_t>(keys.size())}})};
}

SdkError domain_mismatch(std::string_view space, const ModelSpec& model) {
  return {.title = "Cannot load \"" + model.key + "\" as a model of type \"" + std::string(space) + "\"",
          .display = JsonValue::object({{"code", "generic.domainMismatch"},
                                        {"path", model.key},
                                        {"actualDomain", domain_of(model)},
                                        {"expectedDomain", space}})};
}

SdkError no_match(SimulatorState& simulator, std::string_view space, const JsonValue& query) {
  const std::vector<std::string> names = identifiers(simulator, space);
  return {.title = "No loaded model satisfies the query",
          .display = JsonValue::object({{"code", "generic.noModelMatchingQuery"},
                                        {"query", query},
                                        {"loadedModelsSample", sample(names)},
                                        {"totalLoadedModels", static_cast<std::int64_t>(names.size())}})};
}

SdkError unloaded() {
  return {.title = "This model has already been unloaded",
          .display = JsonValue::object({{"code", "generic.specificModelUnloaded"}})};
}

// True when `asked` is the last part of a key, or a key without its variant.
bool means(std::string_view key, std::string_view asked) {
  return key.ends_with("/" + std::string(asked)) || key.starts_with(std::string(asked) + "@");
}

bool satisfies(const Instance& instance, const ModelSpec& model, const JsonValue& query) {
  const JsonValue& identifier = query["identifier"];
  const JsonValue& path = query["path"];
  if (identifier.is_string() && identifier.as_string() != instance.id) return false;
  if (path.is_string() && path.as_string() != path_of(model) && path.as_string() != model.key) return false;
  if (query["domain"].is_string() && query["domain"].as_string() != domain_of(model)) return false;
  return !query["vision"].is_bool() || query["vision"].as_bool() == model.vision;
}

}  // namespace

JsonValue model_info(const ModelSpec& model) {
  JsonValue info =
      JsonValue::object({{"type", domain_of(model)},
                         {"modelKey", model.key},
                         {"format", model.mlx ? "safetensors" : "gguf"},
                         {"displayName", model.display_name},
                         {"publisher", model.publisher},
                         {"path", path_of(model)},
                         {"sizeBytes", model.size_bytes},
                         {"indexedModelIdentifier", path_of(model)},
                         {"deviceIdentifier", model.device.empty() ? JsonValue() : JsonValue(model.device)}});
  if (!model.params.empty()) info.set("paramsString", model.params);
  info.set("architecture", model.arch);
  if (const double bits = bits_per_weight(model.quantization); bits > 0)
    info.set("quantization",
             JsonValue::object({{"name", model.quantization}, {"bits", static_cast<std::int64_t>(bits)}}));
  if (model.type != "embedding") {
    info.set("vision", model.vision);
    info.set("trainedForToolUse", model.tools);
  }
  info.set("maxContextLength", model.max_context);
  return info;
}

JsonValue instance_info(const ModelSpec& model, const Instance& instance) {
  using Milliseconds = std::chrono::milliseconds;
  JsonValue info = model_info(model);
  info.set("identifier", instance.id);
  info.set("instanceReference", instance.reference);
  info.set("ttlMs", instance.ttl ? JsonValue(std::int64_t{instance.ttl->count()}) : JsonValue());
  const auto used = std::chrono::duration_cast<Milliseconds>(instance.last_used.time_since_epoch());
  info.set("lastUsedTime", std::int64_t{used.count()});
  info.set("contextLength", instance.context_length);
  return info;
}

bool is_of(std::string_view space, const ModelSpec& model) { return domain_of(model) == space; }

std::variant<NamedModel, SdkError> find_model(SimulatorState& simulator, std::string_view space,
                                              std::string_view key) {
  NamedModel found{simulator.library.find(key)};
  if (!found.model && !simulator.script.websocket.exact_keys)
    for (const ModelSpec* model : simulator.library.models()) {
      if (!means(model->key, key)) continue;
      if (!found.model) found.model = model;
      found.ambiguous.push_back(model->key);
    }
  if (found.ambiguous.size() < 2) found.ambiguous.clear();
  if (!found.model) return path_not_found(simulator, key);
  if (!is_of(space, *found.model)) return domain_mismatch(space, *found.model);
  return found;
}

std::vector<Instance> loaded_in(SimulatorState& simulator, std::string_view space) {
  std::vector<Instance> instances = simulator.loaded_models.instances();
  std::erase_if(instances, [&](const Instance& each) {
    return !each.ready() || !is_of(space, *simulator.library.find_offer(each.key));
  });
  return instances;
}

bool is_specifier(const JsonValue& specifier) {
  const std::string_view type = specifier["type"].as_string();
  return type == "query" ? specifier["query"].is_object()
                         : type == "instanceReference" && specifier["instanceReference"].is_string();
}

std::variant<Served, SdkError> find_loaded(SimulatorState& simulator, std::string_view space,
                                           const JsonValue& specifier) {
  const bool by_query = specifier["type"].as_string() == "query";
  for (Instance& each : loaded_in(simulator, space)) {
    const ModelSpec* model = simulator.library.find_offer(each.key);
    if (by_query ? satisfies(each, *model, specifier["query"])
                 : each.reference == specifier["instanceReference"].as_string())
      return Served{model, std::move(each)};
  }
  if (by_query) return no_match(simulator, space, specifier["query"]);
  return unloaded();
}

SdkError identifier_not_found(SimulatorState& simulator, std::string_view space,
                              std::string_view identifier) {
  const std::vector<std::string> names = identifiers(simulator, space);
  return {.title = "Cannot find model with identifier \"" + std::string(identifier) + "\"",
          .display = JsonValue::object({{"code", "generic.identifierNotFound"},
                                        {"identifier", identifier},
                                        {"loadedModelsSample", sample(names)},
                                        {"totalLoadedModels", static_cast<std::int64_t>(names.size())}})};
}

}  // namespace lmstudio_sim
