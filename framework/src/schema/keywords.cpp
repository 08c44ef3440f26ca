// SPDX-License-Identifier: MIT
#include "schema/keywords.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/nearest.hpp"

namespace tachikoma::schema {
namespace {

// `format` among them: the drafts leave it to the application, which gives those that it wants checked.
constexpr std::string_view kAnnotations[] = {
    "$schema",     "$id",        "id",       "$comment",        "title",
    "description", "default",    "examples", "example",         "readOnly",
    "writeOnly",   "deprecated", "format",   "contentEncoding", "contentMediaType"};

// Keywords with a meaning that is not honoured here, and what to write in their place.
constexpr std::pair<std::string_view, std::string_view> kElsewhere[] = {
    {"$anchor", "give the schema an '$id' of '#NAME'"},
    {"$dynamicAnchor", "use '$defs' and '$ref'"},
    {"$dynamicRef", "use '$ref'"},
    {"$recursiveAnchor", "use '$ref'"},
    {"$recursiveRef", "use '$ref': '#'"},
    {"$vocabulary", "leave it out"},
    {"contentSchema", "leave it out: content in strings is not validated"},
    {"dependentRequired", "use 'dependencies'"},
    {"dependentSchemas", "use 'dependencies'"},
    {"discriminator", "use 'oneOf' with a 'const' in each alternative"},
    {"maxContains", "use 'contains' alone"},
    {"minContains", "use 'contains' alone"},
    {"nullable", "add 'null' to 'type'"},
    {"prefixItems", "use 'items' with an array"},
    {"unevaluatedItems", "use 'additionalItems'"},
    {"unevaluatedProperties", "use 'additionalProperties'"},
};

}  // namespace

bool is_annotation(std::string_view keyword) {
  return keyword.substr(0, 2) == "x-" ||
         std::find(std::begin(kAnnotations), std::end(kAnnotations), keyword) != std::end(kAnnotations);
}

Error unknown_keyword(std::string_view keyword, const std::string& place, std::vector<std::string> known) {
  const std::string quoted = "'" + std::string(keyword) + "'";
  for (const auto& [name, advice] : kElsewhere)
    if (keyword == name) return schema_error(place, quoted + " is not supported", std::string(advice));
  known.insert(known.end(), std::begin(kAnnotations), std::end(kAnnotations));
  return schema_error(place, quoted + " is no keyword of JSON Schema up to draft 7",
                      base::did_you_mean(base::nearest(keyword, known)));
}

Error schema_error(const std::string& place, std::string message, std::string hint) {
  return Error(ErrorCode::invalid_argument,
               "the schema can't be used: at '" + (place.empty() ? "/" : place) + "' " + message,
               std::move(hint), Value::object({{"pointer", place}}));
}

}  // namespace tachikoma::schema
