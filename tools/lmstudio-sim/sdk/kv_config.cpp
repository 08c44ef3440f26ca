// SPDX-License-Identifier: MIT
#include "sdk/kv_config.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

std::optional<Value> read_kv_config(const Value& config) {
  if (!config["fields"].is_array()) return std::nullopt;
  Value fields = Value::object();
  for (const Value& field : config["fields"].elements()) {
    if (!field["key"].is_string()) return std::nullopt;
    fields.set(field["key"].as_string(), field["value"]);
  }
  return fields;
}

std::optional<Value> read_kv_stack(const Value& stack) {
  if (!stack["layers"].is_array()) return std::nullopt;
  Value fields = Value::object();
  for (const Value& layer : stack["layers"].elements()) {
    const std::optional<Value> config = read_kv_config(layer["config"]);
    if (!config || !layer["layerName"].is_string()) return std::nullopt;
    for (const auto& [key, value] : config->members())
      if (!fields.find(key)) fields.set(key, value);
  }
  return fields;
}

Value kv_config(const Value& fields) {
  Value list = Value::array();
  for (const auto& [key, value] : fields.members())
    list.push_back(Value::object({{"key", key}, {"value", value}}));
  return Value::object({{"fields", std::move(list)}});
}

}  // namespace lmstudio_sim
