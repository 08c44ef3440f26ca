// SPDX-License-Identifier: MIT
// The schemas of the settings, in the note.
#include <algorithm>
#include <array>

#include "config/plugin_schemas.hpp"
#include "conformance/check.hpp"
#include "schema/json_schema.hpp"

namespace tachikoma::conformance {
namespace {

template <class Judge>
Verdict each_schema(const Subject& subject, const Judge& judge) {
  Verdict all = skip("no component of it has a schema: they take no settings");
  for (const Member& schema : subject.report.config_schema.members()) {
    const Verdict one = judge(schema.key, schema.value);
    if (one.status != CheckStatus::pass) return one;
    all = one;
  }
  return all;
}

Verdict belong(const Subject& subject) {
  const std::vector<std::string>& provided = subject.report.provides;
  return each_schema(subject, [&](const std::string& component, const Value&) {
    return std::find(provided.begin(), provided.end(), component) != provided.end()
               ? pass()
               : fail("there is a schema for '" + component + "', which it does not provide");
  });
}

Verdict are_usable(const Subject& subject) {
  return each_schema(subject, [](const std::string& component, const Value& schema) {
    const std::string fault = config::schema_fault(schema);
    return fault.empty() ? pass() : fail("the schema of " + spoken(component) + " " + fault);
  });
}

// The first object in a schema, itself included, that takes members of any name; empty if there is none.
std::string open_place(const Value& schema, const std::string& place) {
  if (schema.find("properties") && schema["additionalProperties"].as_bool(true) &&
      !schema["additionalProperties"].is_object())
    return place;
  for (const Member& property : schema["properties"].members())
    if (std::string found = open_place(property.value, place + "." + property.key); !found.empty())
      return found;
  return schema.find("items") ? open_place(schema["items"], place + "[]") : std::string();
}

Verdict are_strict(const Subject& subject) {
  return each_schema(subject, [](const std::string& component, const Value& schema) {
    const std::string place = open_place(schema, "settings");
    if (place.empty()) return pass();
    return fail("the schema of " + spoken(component) + " lets " + place +
                " have members that it does not describe: a mistyped name is dropped in silence");
  });
}

// The first default that does not fit, in words; empty if all do.
std::string wrong_default(const Value& schema, const std::string& place) {
  if (const Value* preset = schema.find("default")) {
    const auto compiled = schema::JsonSchema::compile(schema);  // "auto" may stand for a URL
    if (compiled)
      if (const Status fits = compiled->validate(*preset); !fits)
        return "the default of " + place + " does not fit: " + fits.error().message;
  }
  for (const Member& property : schema["properties"].members())
    if (std::string found = wrong_default(property.value, place + "." + property.key); !found.empty())
      return found;
  return {};
}

Verdict have_right_defaults(const Subject& subject) {
  return each_schema(subject, [](const std::string& component, const Value& schema) {
    const std::string wrong = wrong_default(schema, "settings");
    return wrong.empty() ? pass() : fail("in the schema of " + spoken(component) + ", " + wrong);
  });
}

Verdict require_what_exists(const Subject& subject) {
  return each_schema(subject, [](const std::string& component, const Value& schema) {
    for (const Value& name : schema["required"].elements())
      if (!schema["properties"].find(name.as_string()))
        return fail("the schema of " + spoken(component) + " requires '" + std::string(name.as_string()) +
                    "', which it does not describe");
    return pass();
  });
}

Verdict are_honoured(const Subject& subject) {
  return each_of_all(subject, [](const auto& candidate) {
    if (!candidate.settings().empty) return skip(candidate.name() + " needs settings, which only you know");
    const auto host = candidate.make_host();
    const auto made = candidate.make_raw(*host);
    const bool refused = !made && (made.error().code == ErrorCode::config_invalid ||
                                   made.error().code == ErrorCode::invalid_argument);
    if (!refused) return pass();
    return fail(candidate.name() +
                " refuses to be made without settings, which its schema allows: " + in_words(made.error()));
  });
}

}  // namespace

std::span<const Check> schema_checks() {
  static constexpr std::array kChecks{
      Check{{"schema.belongs", "each schema is that of a component",
             "name the components in CONFIG_SCHEMA as in PROVIDES"},
            "file.described",
            belong},
      Check{{"schema.valid", "each schema is one, of the keywords that configurations are checked with",
             "use type, properties, required, additionalProperties, items, enum, minimum, exclusiveMinimum, "
             "maximum, minLength, description, default and format"},
            "file.described",
            are_usable},
      Check{{"schema.strict", "settings that a schema does not describe are refused",
             "add \"additionalProperties\": false"},
            "schema.valid",
            are_strict},
      Check{{"schema.defaults", "each default fits the schema that has it",
             "correct the default, or the schema"},
            "schema.valid",
            have_right_defaults},
      Check{{"schema.required", "what is required is described", "describe it in properties"},
            "schema.valid",
            require_what_exists},
      Check{{"schema.honoured", "a component whose schema requires nothing can be made without settings",
             "list what the factory needs under required, or give it a default"},
            "component.destroyed",
            are_honoured},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
