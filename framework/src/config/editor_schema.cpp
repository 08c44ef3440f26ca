// SPDX-License-Identifier: MIT
#include "config/editor_schema.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "base/component_kinds.hpp"
#include "config/host_schema.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::config {
namespace {

bool may_be(const Value& schema, std::string_view type) {
  const Value& types = schema["type"];
  for (const Value& each : types.elements())
    if (each.as_string() == type) return true;
  return types.as_string() == type;
}

// Durations and sizes are written as texts or numbers; their limits are those of the converted values.
void accept_numbers(Value& schema) {
  schema.set("type", Value::array({"string", "integer"}));
  for (const char* limit : {"minimum", "exclusiveMinimum", "maximum"}) schema.erase(limit);
}

// A value that is no text may also be that of an environment variable.
Value or_variable(Value schema) {
  const bool any_text = may_be(schema, "string") && !schema.find("enum") && !schema.find("format");
  const bool holds_values = may_be(schema, "object") || may_be(schema, "array") || !schema.find("type");
  if (any_text || holds_values) return schema;
  Value either = Value::object();
  for (const char* keyword : {"description", "default"})
    if (const Value* found = schema.find(keyword)) {
      either.set(keyword, *found);
      schema.erase(keyword);
    }
  const Value variable = Value::object({{"type", "string"}, {"pattern", "\\$\\{"}});
  either.set("anyOf", Value::array({std::move(schema), variable}));
  return either;
}

Value for_editors(Value schema);

Value for_editors_each(const Value& properties) {
  Value out = Value::object();
  for (const auto& [key, property] : properties.members()) {
    if (property.find("x-not-yet")) continue;
    const Value* const same = property.find("x-same-as");
    const bool only_names_it = same && !property.find("type");
    out.set(key, for_editors(only_names_it ? properties[same->as_string()] : property));
  }
  return out;
}

Value for_editors(Value schema) {
  if (!schema.is_object()) return schema;  // additionalProperties: true
  for (const char* own : {"x-same-as", "x-unsupported"}) schema.erase(own);
  const std::string format(schema["format"].as_string());
  if (format == "duration" || format == "size") accept_numbers(schema);
  if (format == "token") schema.set("pattern", "^[0-9]+$");
  if (format != "uri") schema.erase("format");
  if (const Value* properties = schema.find("properties"))
    schema.set("properties", for_editors_each(*properties));
  for (const char* inner : {"additionalProperties", "items", "propertyNames"})
    if (const Value* found = schema.find(inner)) schema.set(inner, for_editors(*found));
  const bool has_members = schema.find("properties") || may_be(schema, "object");
  if (has_members && !schema.find("additionalProperties")) schema.set("additionalProperties", false);
  return or_variable(std::move(schema));
}

Value reference(const std::string& name) { return Value::object({{"$ref", "#/definitions/" + name}}); }

// The entry of a section whose plugin has these settings.
Value entry_of(Value host, const Value& settings, bool is_provider) {
  Value properties = host["properties"];
  for (const Member& property : settings["properties"].members())
    properties.set(property.key, property.value);
  if (!is_provider) {
    Value nested = settings;
    nested.set("type", "object");
    properties.set("settings", std::move(nested));
  }
  host.set("properties", std::move(properties));
  if (const Value* open = settings.find("additionalProperties")) host.set("additionalProperties", *open);
  if (!is_provider) return host;  // what is required may also be in `settings`
  Value required = Value::array();
  for (const Value& key : settings["required"].elements())
    if (key.as_string() != "base_url") required.push_back(key);  // `endpoints` may be in its place
  if (!required.elements().empty()) host.set("required", std::move(required));
  return host;
}

// A provider's `replay: FILE` is short for an object.
Value with_short_forms(Value entry) {
  Value& properties = *entry.find("properties");
  if (const Value* replay = properties.find("replay"))
    properties.set("replay",
                   Value::object({{"anyOf", Value::array({Value::object({{"type", "string"}}), *replay})}}));
  return entry;
}

// One section of components: the plugin of each entry decides which settings it has.
class Section {
 public:
  Section(const base::ComponentKind& kind, Value& definitions)
      : kind_(kind), definitions_(definitions), host_(host_schema()["properties"][kind.section]) {}

  Value run(const std::vector<PluginReport>& plugins) {
    Value named = Value::object(), choices = Value::array();
    for (const PluginReport& plugin : plugins)
      for (const Member& each : plugin.config_schema.members()) {
        const std::string prefix = std::string(kind_.name) + ":";
        if (!each.key.starts_with(prefix)) continue;
        const std::string id = each.key.substr(prefix.size()), name = std::string(kind_.name) + "-" + id;
        definitions_.set(name,
                         with_short_forms(for_editors(entry_of(host_["additionalProperties"], each.value,
                                                               kind_.name == std::string_view("provider")))));
        choices.push_back(if_plugin(id, reference(name)));
        named.set(id, by_id(name));
      }
    const std::string any = std::string(kind_.name);
    Value entry = Value::object({{"type", "object"}, {"allOf", std::move(choices)}});
    definitions_.set(any, std::move(entry));
    Value open =
        Value::object({{"required", Value::array({"plugin"})}, {"allOf", Value::array({reference(any)})}});
    return Value::object({{"description", host_["description"]},
                          {"type", "object"},
                          {"properties", std::move(named)},
                          {"additionalProperties", std::move(open)}});
  }

 private:
  static Value if_plugin(const std::string& id, Value then) {
    Value is = Value::object({{"plugin", Value::object({{"const", id}})}});
    Value when = Value::object({{"required", Value::array({"plugin"})}, {"properties", std::move(is)}});
    return Value::object({{"if", std::move(when)}, {"then", std::move(then)}});
  }

  // An entry with the name of a plugin's component is for that, unless it says otherwise.
  Value by_id(const std::string& name) const {
    return Value::object({{"if", Value::object({{"required", Value::array({"plugin"})}})},
                          {"then", reference(std::string(kind_.name))},
                          {"else", reference(name)}});
  }

  const base::ComponentKind& kind_;
  Value& definitions_;
  const Value& host_;
};

}  // namespace

Value editor_schema(const std::vector<PluginReport>& plugins) {
  std::vector<PluginReport> usable;
  for (const PluginReport& each : plugins)
    if (!each.refused && each.shadowed_by.empty()) usable.push_back(each);
  Value definitions = Value::object();
  Value schema = for_editors(host_schema());
  Value& properties = *schema.find("properties");
  for (const base::ComponentKind& kind : base::kComponentKinds)
    properties.set(std::string(kind.section), Section(kind, definitions).run(usable));
  Value whole = Value::object(
      {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "A configuration of Tachikoma"}});
  for (const Member& member : schema.members()) whole.set(member.key, member.value);
  whole.set("definitions", std::move(definitions));
  return whole;
}

}  // namespace tachikoma::config

namespace tachikoma {

Value config_schema(PluginRegistry& plugins) { return config::editor_schema(plugins.scan()); }

}  // namespace tachikoma
