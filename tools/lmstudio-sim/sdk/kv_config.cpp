// SPDX-License-Identifier: MIT
#include "sdk/kv_config.hpp"

namespace lmstudio_sim {

std::optional<JsonValue> read_kv_config(const JsonValue& config) {
  if (!config["fields"].is_array()) return std::nullopt;
  JsonValue fields = JsonValue::object();
  for (const JsonValue& field : config["fields"].elements()) {
    if (!field["key"].is_string()) return std::nullopt;
    fields.set(field["key"].as_string(), field["value"]);
  }
  return fields;
}

std::optional<JsonValue> read_kv_stack(const JsonValue& stack) {
  if (!stack["layers"].is_array()) return std::nullopt;
  JsonValue fields = JsonValue::object();
  for (const JsonValue& layer : stack["layers"].elements()) {
    const std::optional<JsonValue> config = read_kv_config(layer["config"]);
    if (!config || !layer["layerName"].is_string()) return std::nullopt;
    for (const auto& [key, value] : config->members())
      if (!fields.find(key)) fields.set(key, value);
  }
  return fields;
}

JsonValue kv_config(const JsonValue& fields) {
  JsonValue list = JsonValue::array();
  for (const auto& [key, value] : fields.members())
    list.push_back(JsonValue::object({{"key", key}, {"value", value}}));
  return JsonValue::object({{"fields", std::move(list)}});
}

}  // namespace lmstudio_sim
