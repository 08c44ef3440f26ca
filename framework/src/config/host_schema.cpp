// SPDX-License-Identifier: MIT
#include "config/host_schema.hpp"

#include <string>
#include <utility>

#include "base/json.hpp"
#include "config/config_schema_text.hpp"
#include "config/read_inference.hpp"

namespace tachikoma::config {
namespace {

// In the file each part is written once: `x-use` refers to it, and `x-flat` lists the groups whose keys may
// also be used outside them: a key of two groups means that of the last one. Both are resolved here, so
// that the checked and published schema is complete.
class Resolver {
 public:
  explicit Resolver(const Value& parts) : parts_(parts) {}

  Value resolve(const Value& schema) const {
    if (const Value* part = schema.find("x-use")) return resolve(parts_[part->as_string()]);
    Value out = Value::object();
    for (const Member& member : schema.members()) {
      if (member.key == "x-flat" || member.key == "x-parts") continue;
      out.set(member.key, member.key == "properties"             ? resolve_each(member.value)
                          : member.key == "additionalProperties" ? resolve(member.value)
                                                                 : member.value);
    }
    if (Value* properties = out.find("properties"))
      for (const Value& group : schema["x-flat"].elements()) flatten(*properties, group.as_string());
    return out;
  }

 private:
  Value resolve_each(const Value& properties) const {
    Value out = Value::object();
    for (const Member& property : properties.members()) out.set(property.key, resolve(property.value));
    return out;
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

  const Value& parts_;
};

// The file, with the generation settings, which are described where they are defined.
Value read_document() {
  Value document = base::parse_json(kConfigSchemaText).value();
  Value& own = *document.find("x-parts")->find("inference")->find("properties");
  Value properties = inference_properties();
  for (const Member& each : own.members()) properties.set(each.key, each.value);
  own = std::move(properties);
  return document;
}

const Value& document() {
  static const Value read = read_document();
  return read;
}

}  // namespace

const Value& host_schema() {
  static const Value resolved = Resolver(document()["x-parts"]).resolve(document());
  return resolved;
}

Value host_schema_part(std::string_view name) {
  const Value& parts = document()["x-parts"];
  return Resolver(parts).resolve(parts[name]);
}

}  // namespace tachikoma::config
