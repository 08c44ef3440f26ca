// SPDX-License-Identifier: MIT
#include "config/read_inference.hpp"

#include <cmath>

#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

// One setting has a shorter name in files, besides its own.
std::string_view key_of(std::string_view setting) { return setting == "stop_sequences" ? "stop" : setting; }

void read(const Value& from, std::optional<std::int64_t>& into) { into = from.as_integer(); }
void read(const Value& from, std::optional<double>& into) { into = from.as_real(); }
void read(const Value& from, std::string& into) { into = from.as_string(); }

void read(const Value& from, std::optional<ReasoningEffort>& into) {
  for (const auto effort :
       {ReasoningEffort::none, ReasoningEffort::low, ReasoningEffort::medium, ReasoningEffort::high})
    if (from.as_string() == to_string(effort)) into = effort;
}

void read(const Value& from, std::optional<std::chrono::seconds>& into) {
  into = std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(from.as_integer()));
}

void read(const Value& from, std::vector<std::string>& into) {
  if (from.is_string()) into.emplace_back(from.as_string());
  for (const Value& each : from.elements()) into.emplace_back(each.as_string());
}

void read(const Value& from, std::vector<LogitBias>& into) {
  for (const auto& [token, bias] : from.members())
    into.push_back({parse_number(token).integer, bias.as_real()});
}

// A limit as people write it.
Value limit(double number) {
  return number == std::floor(number) ? Value(static_cast<std::int64_t>(number)) : Value(number);
}

Value ranged(const char* type, const SettingRule& rule) {
  Value schema = Value::object({{"type", type}});
  if (std::isfinite(rule.min))
    schema.set(rule.exclusive_min ? "exclusiveMinimum" : "minimum", limit(rule.min));
  if (std::isfinite(rule.max)) schema.set("maximum", limit(rule.max));
  return schema;
}

Value schema_of(const std::optional<std::int64_t>&, const SettingRule& rule) {
  return ranged("integer", rule);
}
Value schema_of(const std::optional<double>&, const SettingRule& rule) { return ranged("number", rule); }

Value schema_of(const std::optional<std::chrono::seconds>&, const SettingRule& rule) {
  Value schema = ranged("string", rule);
  schema.set("format", "duration");
  return schema;
}

Value schema_of(const std::optional<ReasoningEffort>&, const SettingRule&) {
  return Value::object({{"type", "string"}, {"enum", Value::array({"none", "low", "medium", "high"})}});
}

Value schema_of(const std::string&, const SettingRule&) {
  return Value::object({{"type", "string"}, {"minLength", 1}});
}

Value schema_of(const std::vector<std::string>&, const SettingRule&) {
  return Value::object({{"type", Value::array({"string", "array"})},
                        {"items", Value::object({{"type", "string"}, {"minLength", 1}})},
                        {"minLength", 1}});
}

Value schema_of(const std::vector<LogitBias>&, const SettingRule& rule) {
  return Value::object(
      {{"type", "object"},
       {"propertyNames", Value::object({{"description", "token number"}, {"format", "token"}})},
       {"additionalProperties", ranged("number", rule)}});
}

}  // namespace

GenerationSettings read_inference(const Value& checked) {
  GenerationSettings settings;
  std::size_t left = checked.members().size();  // nearly always a few of many
  for_each_generation_setting([&](const char* name, auto member, const SettingRule&) {
    const Value* value = left ? checked.find(key_of(name)) : nullptr;
    if (!value) return;
    read(*value, settings.*member);
    --left;
  });
  settings.extra = checked["extra"];
  return settings;
}

Value inference_properties() {
  Value properties = Value::object();
  const GenerationSettings types;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    Value schema = schema_of(types.*member, rule);
    schema.set("description", rule.about);
    properties.set(std::string(key_of(name)), std::move(schema));
    if (key_of(name) != name) properties.set(name, Value::object({{"x-same-as", key_of(name)}}));
  });
  return properties;
}

}  // namespace tachikoma::config
