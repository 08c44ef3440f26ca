// SPDX-License-Identifier: MIT
#include "common/chat/response_format.hpp"

#include <algorithm>
#include <string_view>

namespace tachikoma::kit {
namespace {

bool requires_all(const Value& schema) {
  const auto& required = schema["required"].elements();
  const auto names = [&](const Member& property) {
    return std::any_of(required.begin(), required.end(),
                       [&](const Value& each) { return each.as_string() == property.key; });
  };
  const auto& properties = schema["properties"].members();
  return std::all_of(properties.begin(), properties.end(), names);
}

// OpenAI's strict mode requires every object to be closed, and every property to be required.
bool fits_strict_mode(const Value& schema) {
  if (schema.is_array())
    return std::all_of(schema.elements().begin(), schema.elements().end(), fits_strict_mode);
  if (schema["type"].as_string() == "object") {
    const Value* more = schema.find("additionalProperties");
    if (!more || !more->is_bool() || more->as_bool() || !requires_all(schema)) return false;
  }
  return std::all_of(schema.members().begin(), schema.members().end(),
                     [](const Member& member) { return fits_strict_mode(member.value); });
}

}  // namespace

Value response_format(const Value& schema, bool strict_takes_any_schema) {
  const bool strict = strict_takes_any_schema || fits_strict_mode(schema);
  return Value::object(
      {{"type", "json_schema"},
       {"json_schema", Value::object({{"name", "answer"}, {"strict", strict}, {"schema", schema}})}});
}

}  // namespace tachikoma::kit
