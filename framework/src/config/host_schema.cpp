// SPDX-License-Identifier: MIT
#include "config/host_schema.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "config/config_schema_text.hpp"
#include "config/read_inference.hpp"

namespace tachikoma::config {
namespace {

const Value& document() {
  static const Value read = base::parse_json(kConfigSchemaText).value();
  return read;
}

// That of the generation settings has them as well, which are described where they are defined.
const Value& part(std::string_view name) {
  const Value& written = document()["x-parts"][name];
  if (name != "inference") return written;
  static const Value inference = [&] {
    Value properties = inference_properties();
    for (const Member& each : written["properties"].members()) properties.set(each.key, each.value);
    Value whole = written;
    whole.set("properties", std::move(properties));
    return whole;
  }();
  return inference;
}

const Value& with_part(const Value& schema) {
  const Value* name = schema.find("x-use");
  return name ? part(name->as_string()) : schema;
}

using Nodes = std::vector<const Node*>;
using NodesByKey = std::map<std::string_view, Nodes>;

// In the file each part is written once: `x-use` refers to it, and `x-flat` lists the groups whose keys may
// also be used outside them: a key of two groups means that of the last one. Both are resolved here, so
// that the checked and published schema is complete.
class Resolver {
 public:
  static Value whole(const Value& schema) { return Resolver(true).resolve(schema, {}); }
  // What says something about these values.
  static Value for_values(const Value& schema, const Nodes& values) {
    return Resolver(false).resolve(schema, values);
  }

 private:
  explicit Resolver(bool whole) : whole_(whole) {}

  // `beside`: the keys that objects around the values may have in place of these.
  Value resolve(const Value& given, const Nodes& values, const NodesByKey* beside = nullptr) const {
    const Value& schema = with_part(given);
    Value out = Value::object();
    for (const Member& member : schema.members()) {
      if (member.key == "x-flat" || member.key == "x-parts") continue;
      out.set(member.key, member.key == "properties"             ? resolve_each(schema, values, beside)
                          : member.key == "additionalProperties" ? resolve(member.value, members_of(values))
                                                                 : member.value);
    }
    if (Value* properties = out.find("properties"))
      for (const Value& group : schema["x-flat"].elements()) flatten(*properties, group.as_string());
    return out;
  }

  static Nodes members_of(const Nodes& objects) {
    Nodes members;
    for (const Node* object : objects)
      for (const Entry& entry : object->entries) members.push_back(&entry.node);
    return members;
  }

  // The properties of an object schema for these objects.
  Value resolve_each(const Value& schema, const Nodes& objects, const NodesByKey* beside) const {
    const Value& properties = schema["properties"];
    const Value::Array& groups = schema["x-flat"].elements();
    NodesByKey keys = beside ? *beside : NodesByKey();
    for (const Node* object : objects)
      for (const Entry& entry : object->entries) keys[entry.key].push_back(&entry.node);
    for (const Value& group : groups) keys.try_emplace(group.as_string());
    for (const auto& [key, property] : properties.members())
      if (const Value* other = property.find("x-same-as"); other && keys.contains(key))
        keys.try_emplace(other->as_string());
    Value out = Value::object();
    for (const auto& [key, property] : properties.members()) {
      const auto values = keys.find(key);
      if (whole_ || values != keys.end() || property.find("default"))
        out.set(key, resolve(property, values == keys.end() ? Nodes() : values->second,
                             is_among(groups, key) ? &keys : nullptr));
    }
    return out;
  }

  static bool is_among(const Value::Array& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const Value& each) { return each.as_string() == name; });
  }

  static void flatten(Value& properties, std::string_view group) {
    const Value members = properties[group]["properties"];
    for (const Member& member : members.members()) {
      const std::string_view other = member.value["x-same-as"].as_string();
      Value flat = other.empty() ? member.value : members[other];
      const std::string target = std::string(group) + "/" + std::string(other.empty() ? member.key : other);
      flat.set("x-same-as", target);
      properties.set(member.key, std::move(flat));
    }
  }

  const bool whole_;
};

}  // namespace

const Value& host_schema() {
  static const Value resolved = Resolver::whole(document());
  return resolved;
}

Value host_schema_for(const Node& root) { return Resolver::for_values(document(), {&root}); }

Value host_schema_for(const Entry& section) {
  return Resolver::for_values(document()["properties"][section.key], {&section.node});
}

Value host_schema_part(std::string_view name) { return Resolver::whole(part(name)); }

const Value& host_sections() { return document()["properties"]; }

bool is_host_key(std::string_view section, std::string_view key) {
  return with_part(host_sections()[section])["additionalProperties"]["properties"].find(key);
}

}  // namespace tachikoma::config
