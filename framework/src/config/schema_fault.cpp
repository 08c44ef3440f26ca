// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "config/formats.hpp"
#include "config/schema_check.hpp"

namespace tachikoma::config {
namespace {

constexpr std::array<std::string_view, 12> kKeywords{
    "type",    "properties", "required",    "additionalProperties",
    "items",   "enum",       "minimum",     "exclusiveMinimum",
    "maximum", "minLength",  "description", "default"};
constexpr std::array<std::string_view, 7> kTypes{"string", "integer", "number", "boolean",
                                                 "object", "array",   "null"};

template <class List>
bool contains(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_type(const Value& type) { return contains(kTypes, type.as_string()); }

bool is_list_of(const Value& list, bool (*fits)(const Value&)) {
  return list.is_array() && std::all_of(list.elements().begin(), list.elements().end(), fits);
}

bool is_text(const Value& value) { return value.is_string(); }

// True when the keyword's own value is of the right kind.
bool well_formed(const Member& keyword) {
  const Value& value = keyword.value;
  if (keyword.key == "type") return is_type(value) || is_list_of(value, is_type);
  if (keyword.key == "properties") return value.is_object();
  if (keyword.key == "required") return is_list_of(value, is_text);
  if (keyword.key == "additionalProperties") return value.is_object() || value.is_bool();
  if (keyword.key == "items") return value.is_object();
  if (keyword.key == "enum") return value.is_array() && !value.elements().empty();
  if (keyword.key == "minLength") return value.is_integer();
  if (keyword.key == "description") return value.is_string();
  if (keyword.key == "default") return true;
  return value.is_number();
}

}  // namespace

std::string schema_fault(const Value& schema) {
  if (!schema.is_object()) return "is no object where a schema is due";
  for (const Member& keyword : schema.members()) {
    if (keyword.key == "format") {
      if (!is_format(keyword.value.as_string()))
        return "uses the format " + in_quotes(keyword.value.as_string()) +
               ", which this version does not know";
      continue;
    }
    if (!contains(kKeywords, keyword.key))
      return "uses the keyword '" + keyword.key + "', which this version can't check";
    if (!well_formed(keyword)) return "has an unusable value for '" + keyword.key + "'";
  }
  for (const Member& property : schema["properties"].members())
    if (std::string fault = schema_fault(property.value); !fault.empty()) return fault;
  for (const char* inner : {"additionalProperties", "items"})
    if (const Value* found = schema.find(inner); found && found->is_object())
      if (std::string fault = schema_fault(*found); !fault.empty()) return fault;
  return {};
}

}  // namespace tachikoma::config
