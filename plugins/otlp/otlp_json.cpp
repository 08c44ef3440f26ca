// SPDX-License-Identifier: MIT
#include "otlp/otlp_json.hpp"

#include <utility>

#include "base/json.hpp"
#include "common/monitor/gen_ai.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::otlp {
namespace {

void add(Value& attributes, std::string_view name, std::string_view type, Value value) {
  attributes.push_back(
      Value::object({{"key", name}, {"value", Value::object({{std::string(type), std::move(value)}})}}));
}

Envelope envelope(std::string_view kind, std::string_view elements, std::string_view service,
                  std::string_view instance) {
  Value resource = Value::array();
  add_attribute(resource, "service.name", service);
  add_attribute(resource, "service.instance.id", instance);
  const std::string attributes = base::to_json(Value::object({{"attributes", std::move(resource)}}));
  const std::string scope = base::to_json(Value::object({{"name", "tachikoma"}, {"version", kVersion}}));
  const std::string resources = "{\"resource" + std::string(kind) + "\":[{\"resource\":" + attributes;
  return {resources + ",\"scope" + std::string(kind) + "\":[{\"scope\":" + scope + ",\"" +
              std::string(elements) + "\":[",
          "],\"schemaUrl\":" + base::to_json(kit::gen_ai::kSchemaUrl) + "}]}]}"};
}

}  // namespace

void add_attribute(Value& attributes, std::string_view name, std::string_view text) {
  add(attributes, name, "stringValue", text);
}
void add_attribute(Value& attributes, std::string_view name, std::int64_t number) {
  add(attributes, name, "intValue", std::to_string(number));
}
void add_attribute(Value& attributes, std::string_view name, double number) {
  add(attributes, name, "doubleValue", number);
}
void add_attribute(Value& attributes, std::string_view name, bool value) {
  add(attributes, name, "boolValue", value);
}
void add_attribute(Value& attributes, std::string_view name, const Value::Array& texts) {
  Value values = Value::array();
  for (const Value& text : texts) values.push_back(Value::object({{"stringValue", text}}));
  add(attributes, name, "arrayValue", Value::object({{"values", std::move(values)}}));
}

std::string decimal(std::uint64_t number) { return std::to_string(number); }

std::string unix_nano(std::chrono::system_clock::time_point time) {
  return std::to_string(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

Envelope trace_envelope(std::string_view service, std::string_view instance) {
  return envelope("Spans", "spans", service, instance);
}
Envelope metric_envelope(std::string_view service, std::string_view instance) {
  return envelope("Metrics", "metrics", service, instance);
}

}  // namespace tachikoma::otlp
