// SPDX-License-Identifier: MIT
#include "config/editor_schema.hpp"

#include <string>

#include "support/catch.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::config;

namespace {

PluginReport plugin_with(const std::string& component, const std::string& schema) {
  PluginReport report{.name = component};
  report.config_schema = Value::object({{component, parse_json(schema).value()}});
  return report;
}

// Whether some object in there has a key that begins so.
bool has_key(const Value& value, std::string_view start) {
  for (const Value& each : value.elements())
    if (has_key(each, start)) return true;
  for (const Member& member : value.members())
    if (member.key.starts_with(start) || has_key(member.value, start)) return true;
  return false;
}

}  // namespace

TEST_CASE("the schema for editors has only what JSON Schema has, and says which keys there are",
          "[config][schema]") {
  const Value schema = editor_schema({});
  CHECK_FALSE(has_key(schema, "x-"));
  CHECK(schema["$schema"].as_string() == "http://json-schema.org/draft-07/schema#");
  CHECK(schema["additionalProperties"] == Value(false));
  const Value& model = schema["properties"]["models"]["additionalProperties"]["properties"];
  CHECK(model["system"]["type"].as_string() == "string");
  CHECK(model["temperature"]["anyOf"].elements().at(0)["maximum"].as_integer() == 2);
  CHECK(model["n_gpu_layers"]["type"] == model["gpu_layers"]["type"]);
  CHECK(model["ttl"]["type"] == Value::array({"string", "integer"}));
  CHECK(schema["properties"]["plugins"]["properties"].find("isolation") == nullptr);
}

TEST_CASE("a plugin's settings are part of the entries that are for it", "[config][schema]") {
  const Value schema = editor_schema(
      {plugin_with("provider:fast",
                   R"({"type": "object", "required": ["base_url", "size"],
                       "properties": {"base_url": {"type": "string", "format": "uri"},
                                      "size": {"type": "string", "format": "size", "minimum": 1}}})"),
       plugin_with("tool:clock", R"({"type": "object", "properties": {"zone": {"type": "string"}}})")});
  const Value& fast = schema["definitions"]["provider-fast"];
  CHECK(fast["properties"]["size"]["type"] == Value::array({"string", "integer"}));
  CHECK(fast["properties"].find("timeouts"));
  CHECK(fast["additionalProperties"] == Value(false));
  CHECK(fast["required"] == Value::array({"size"}));  // endpoints may be in the place of base_url
  CHECK(fast["properties"]["replay"]["anyOf"].elements().at(0)["type"].as_string() == "string");
  const Value& providers = schema["properties"]["providers"];
  CHECK(providers["properties"]["fast"]["else"]["$ref"].as_string() == "#/definitions/provider-fast");
  CHECK(providers["additionalProperties"]["required"] == Value::array({"plugin"}));
  const Value& clock = schema["definitions"]["tool-clock"]["properties"];
  CHECK(clock["zone"]["type"].as_string() == "string");
  CHECK(clock["settings"]["properties"].find("zone"));
  CHECK(clock.find("approved"));
}

TEST_CASE("a plugin that is refused is not in the schema", "[config][schema]") {
  PluginReport refused = plugin_with("provider:fast", R"({"type": "object"})");
  refused.refused = Error(ErrorCode::plugin_refused, "it is too old");
  CHECK(editor_schema({refused})["definitions"].find("provider-fast") == nullptr);
}
