// SPDX-License-Identifier: MIT
#include "openai/native_body.hpp"

#include <algorithm>
#include <string>

namespace lmstudio_sim {

namespace {

WireError fault(std::string_view code, std::string_view parameter, const std::string& message) {
  return native_error(400, "invalid_request", code, parameter, message);
}

}  // namespace

std::optional<WireError> check_native_body(const JsonValue& body, std::span<const NativeField> fields) {
  std::string unknown;
  for (const auto& [key, value] : body.members())
    if (std::ranges::none_of(fields, [&name = key](const NativeField& field) { return name == field.key; }))
      unknown += (unknown.empty() ? "'" : ", '") + key + "'";
  if (!unknown.empty()) return fault("unrecognized_keys", "", "Unrecognized key(s) in object: " + unknown);
  for (const NativeField& field : fields) {
    const JsonValue* value = body.find(field.key);
    if (value && field.check && !(value->*field.check)())
      return fault("invalid_type", field.key,
                   std::string("Expected ") + field.expected + " at '" + field.key + "'");
  }
  for (const NativeField& field : fields)
    if (field.required && !body.find(field.key))
      return fault("missing_required_parameter", field.key, "\"" + std::string(field.key) + "\" is required");
  return std::nullopt;
}

}  // namespace lmstudio_sim
