// SPDX-License-Identifier: MIT
#include "config/plugin_schemas.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/component_kinds.hpp"
#include "config/formats.hpp"
#include "config/host_schema.hpp"
#include "schema/json_schema.hpp"

namespace tachikoma::config {
namespace {

// How a scalar is read depends on the schema at its place, so keywords that combine schemas are not among
// them.
constexpr std::array<std::string_view, 13> kKeywords{
    "type",    "properties", "required",    "additionalProperties",
    "items",   "enum",       "minimum",     "exclusiveMinimum",
    "maximum", "minLength",  "description", "default",
    "format"};

std::string unusual_form(const Value& schema) {
  if (!schema.is_object()) return "has a schema that is not an object";
  for (const Member& keyword : schema.members())
    if (std::find(kKeywords.begin(), kKeywords.end(), keyword.key) == kKeywords.end())
      return "uses the keyword '" + keyword.key + "', which this version can't check";
  if (schema["items"].is_array()) return "has an unusable value for 'items'";
  if (schema["exclusiveMinimum"].is_bool()) return "has an unusable value for 'exclusiveMinimum'";
  for (const Member& property : schema["properties"].members())
    if (std::string fault = unusual_form(property.value); !fault.empty()) return fault;
  for (const char* inner : {"additionalProperties", "items"})
    if (const Value* found = schema.find(inner); found && !found->is_bool())
      if (std::string fault = unusual_form(*found); !fault.empty()) return fault;
  return {};
}

// Merges one plugin's settings into the schema of the entry that uses it.
class Merge {
 public:
  Merge(const Entry& entry, const base::ComponentKind& kind, Problems& problems)
      : entry_(entry), kind_(kind), problems_(problems), where_(dotted(kind.section, entry.key)) {}

  Value run(Value schema, SchemaSource& source) {
    const Entry* named = entry_.node.find("plugin");
    if (named && !named->node.is_scalar()) return anything_else(std::move(schema));
    const std::string id = named ? named->node.text : entry_.key;
    at_ = named ? named->node.at : entry_.at;
    const Result<PluginReport> report = source.find(kind_.name, id);
    if (!report || report->refused) {
      const Error& error = report ? *report->refused : report.error();
      problems_.add({at_, where_, error.message, error.hint, "plugin", bool(report)});
      return anything_else(std::move(schema));
    }
    const Value& settings = report->config_schema[std::string(kind_.name) + ":" + id];
    if (settings.is_null()) return schema;
    return merge(std::move(schema), settings, report->name);
  }

 private:
  static Value anything_else(Value schema) {
    schema.set("additionalProperties", Value::object());
    return schema;
  }

  Value merge(Value schema, const Value& settings, const std::string& plugin) {
    std::string fault = schema_fault(settings);
    for (const Member& property : settings["properties"].members())
      if (fault.empty() && is_host_key(kind_.section, property.key))
        fault = "has a setting '" + property.key + "', a name reserved for the host";
    if (!fault.empty()) {
      problems_.add({at_, where_, "the settings schema of plugin '" + plugin + "' " + fault,
                     "report it to the plugin's author", "plugin"});
      return anything_else(std::move(schema));
    }
    Value& properties = *schema.find("properties");
    for (const Member& property : settings["properties"].members())
      properties.set(property.key, property.value);
    for (const char* keyword : {"required", "additionalProperties"})
      if (const Value* given = settings.find(keyword)) schema.set(keyword, *given);
    if (const Entry* endpoints = entry_.node.find("endpoints")) replace_base_url(schema, *endpoints, plugin);
    return schema;
  }

  // Each server of `endpoints` becomes the `base_url` of a separate component.
  void replace_base_url(Value& schema, const Entry& endpoints, const std::string& plugin) {
    if (!schema["properties"].find("base_url"))
      problems_.add({endpoints.at, where_,
                     "plugin '" + plugin + "' has no setting 'base_url' for them to replace", "remove it",
                     "endpoints"});
    else if (const Entry* url = entry_.node.find("base_url"))
      problems_.add(
          {url->at, where_, "'base_url' and 'endpoints' are both given", "keep one of them", "base_url"});
    else
      schema.find("properties")->erase("base_url");
    Value required = Value::array();
    for (const Value& key : schema["required"].elements())
      if (key.as_string() != "base_url") required.push_back(key);
    schema.set("required", std::move(required));
  }

  const Entry& entry_;
  const base::ComponentKind& kind_;
  Problems& problems_;
  const std::string where_;
  Position at_;
};

// Adds a schema to the shared ones, once for all entries that use it.
Value reference_to(Value schema, Value& shared) {
  const Value::Object& known = shared.members();
  const auto same =
      std::find_if(known.begin(), known.end(), [&](const Member& each) { return each.value == schema; });
  const std::string name = same != known.end() ? same->key : std::to_string(known.size());
  if (same == known.end()) shared.set(name, std::move(schema));
  return Value::object({{"$ref", "#/$defs/" + name}});
}

}  // namespace

std::string schema_fault(const Value& given) {
  Value schema = given;
  schema.erase("x-unsupported");
  std::string fault = unusual_form(schema);
  if (!fault.empty()) return fault;
  const Result<schema::JsonSchema> compiled = schema::JsonSchema::compile(schema, plugin_formats());
  if (compiled) return {};
  const std::string& message = compiled.error().message;  // "the schema can't be used: …"
  return message.substr(message.find("can't"));
}

Value complete_schema(Value schema, const Node& root, SchemaSource& source, Problems& problems) {
  Value& shared = schema.set("$defs", Value::object());
  for (const base::ComponentKind& kind : base::kComponentKinds) {
    const Entry* entries = root.find(kind.section);
    if (!entries) continue;
    Value& part = *schema.find("properties")->find(kind.section);
    const Value common = part["additionalProperties"];
    Value properties = Value::object();
    for (const Entry& entry : entries->node.entries)
      properties.set(entry.key, reference_to(Merge(entry, kind, problems).run(common, source), shared));
    part.set("properties", std::move(properties));
  }
  return schema;
}

void unfold_replay(Node& root) {
  Entry* const providers = root.find("providers");
  if (!providers) return;
  for (Entry& provider : providers->node.entries) {
    Entry* const replay = provider.node.find("replay");
    if (!replay || !replay->node.is_scalar()) continue;
    Node how;
    how.kind = Node::Kind::map;
    how.at = replay->node.at;
    how.entries.push_back({"file", how.at, std::move(replay->node)});
    replay->node = std::move(how);
  }
}

void unnest_settings(Node& root, Problems& problems) {
  for (const char* section : {"tools", "monitors"}) {
    Entry* entries = root.find(section);
    if (!entries) continue;
    for (Entry& entry : entries->node.entries) {
      Entry* settings = entry.node.find("settings");
      if (!settings || settings->node.kind != Node::Kind::map) continue;
      const std::string where = dotted(dotted(section, entry.key), "settings");
      std::vector<Entry> moved = std::move(settings->node.entries);
      entry.node.erase("settings");
      for (Entry& each : moved) {
        each.written = dotted("settings", each.key);
        if (const Entry* first = entry.node.find(each.key))
          problems.add({each.at, dotted(where, each.key),
                        "this repeats '" + dotted(dotted(section, entry.key), each.key) +
                            "', which is set at " + problems.place(first->at),
                        "keep one of them"});
        else
          entry.node.entries.push_back(std::move(each));
      }
    }
  }
}

}  // namespace tachikoma::config
