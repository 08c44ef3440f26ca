// SPDX-License-Identifier: MIT
#include "config/complaints.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/json_pointer.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "config/formats.hpp"
#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

// A place of the tree.
struct Spot {
  const Node* node;
  Position at;             // of its key
  std::string where = {};  // dotted
  std::string around = {};
  std::string key = {};  // in what is around it
};

Spot find_spot(const Node& root, std::string_view pointer) {
  Spot spot{&root, root.at};
  while (!pointer.empty()) {
    spot.key = base::take_step(pointer);
    const std::string above = std::exchange(spot.around, std::move(spot.where));
    if (spot.node->kind == Node::Kind::list) {
      spot.node = &spot.node->items[std::stoul(spot.key)];
      spot.at = spot.node->at;
      spot.where = spot.around + "[" + spot.key + "]";
    } else {
      const Entry& entry = *spot.node->find(spot.key);
      spot.node = &entry.node;
      spot.at = entry.at;
      spot.where = dotted(above, spot.around, entry);
    }
  }
  return spot;
}

struct Words {
  std::string message;
  std::string hint = {};
};

std::string_view name_of_type(std::string_view type) {
  if (type == "string") return "text";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "object") return "a mapping";
  if (type == "array") return "a list";
  return "nothing";
}

std::string as_written(const Value& value) {
  return value.is_string() ? "'" + std::string(value.as_string()) + "'" : base::to_json(value);
}

std::string listed(const Value::Array& values) { return base::listed(base::texts_of(values, as_written)); }

std::string format_wants(const Value& schema, std::string_view text) {
  return all_formats().find(schema["format"].as_string())->second(text).expected;
}

std::string expected(const Value& schema) {
  if (schema["enum"].is_array()) return "one of " + listed(schema["enum"].elements());
  const Value& type = schema["type"];
  if (type.is_string()) return std::string(name_of_type(type.as_string()));
  if (schema.find("format")) return format_wants(schema, {});  // it says what the types mean
  std::string text;
  for (const Value& each : type.elements())
    text.append(text.empty() ? "" : " or ").append(name_of_type(each.as_string()));
  return text;
}

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a mapping";
    case Node::Kind::quoted: return node.secret ? "text" : "the text " + in_quotes(node.text);
    case Node::Kind::plain: break;
  }
  if (parse_number(node.text).kind != NumberText::Kind::none)
    return node.secret ? "a number" : "the number " + node.text;
  if (is_core_bool(node.text)) return node.secret ? "true or false" : node.text;
  return node.secret ? "text" : "the text " + in_quotes(node.text);
}

Words wrong_type(const Node& node, const Value& schema) {
  Words words{"expected " + expected(schema) + ", found " + found(node)};
  if (node.kind == Node::Kind::quoted &&
      (parse_number(node.text).kind != NumberText::Kind::none || parse_bool(node.text)))
    words.hint = "remove the quotes";
  if (node.kind == Node::Kind::plain && schema["type"].as_string() == "string")
    words.hint = "put it in quotes";
  return words;
}

Words wrong_format(const Node& node, const Value& schema) {
  // a URL may hold a password
  const bool show =
      !node.secret && (schema["format"].as_string() != "uri" || node.text.find('@') == std::string::npos);
  return {"expected " + format_wants(schema, node.text) + (show ? ", found " + in_quotes(node.text) : "")};
}

Words wrong_choice(const Node& node, const Value& schema) {
  const Value::Array& allowed = schema["enum"].elements();
  if (node.secret) return {"the value is not one of " + listed(allowed)};
  const std::vector<std::string> names = base::texts_of(allowed, [](const Value& each) {
    return each.is_string() ? std::string(each.as_string()) : base::to_json(each);
  });
  return {in_quotes(node.text) + " is not one of " + listed(allowed),
          base::did_you_mean(base::nearest(node.text, names))};
}

Words out_of_range(const Node& node, const Value& schema) {
  const Value* min = schema.find("minimum");
  const Value* max = schema.find("maximum");
  const Value* above = schema.find("exclusiveMinimum");
  const Value* below = schema.find("exclusiveMaximum");
  std::string range;
  if (above)
    range = "more than " + base::to_json(*above) + (max ? " and at most " + base::to_json(*max) : "");
  else if (min && below)
    range = "at least " + base::to_json(*min) + " and less than " + base::to_json(*below);
  else if (min && max)
    range = base::to_json(*min) + " to " + base::to_json(*max);
  else
    range = min ? "at least " + base::to_json(*min) : "at most " + base::to_json(*max);
  return {(node.secret ? std::string("the number") : in_quotes(node.text)) + " is out of range: expected " +
          range};
}

Words about_value(const schema::Fault& fault, const Node& node, const Value& schema) {
  const std::string_view keyword = fault.keyword;
  if (keyword == "type") return wrong_type(node, schema);
  if (keyword == "format") return wrong_format(node, schema);
  if (keyword == "enum") return wrong_choice(node, schema);
  if (keyword == "minimum" || keyword == "exclusiveMinimum" || keyword == "maximum" ||
      keyword == "exclusiveMaximum")
    return out_of_range(node, schema);
  if (keyword == "minLength" && schema["minLength"] == Value(1)) return {"the text must not be empty"};
  if (keyword == "not") return {std::string(schema["not"]["description"].as_string())};
  return {fault.must + (node.secret || fault.but.empty() ? "" : ", but " + fault.but)};
}

// Where else in the schema an object has that key, nearest first: "defaults.load"; empty if none has.
std::string home_of(const std::string& key, const Value& schema, int levels = 2) {
  for (const Member& property : schema["properties"].members())
    if (property.value["properties"].find(key)) return property.key;
  for (const Member& property : schema["properties"].members())
    if (const std::string inner = levels > 1 ? home_of(key, property.value, levels - 1) : ""; !inner.empty())
      return property.key + "." + inner;
  return {};
}

// LM Studio's own files have these at the top, and no providers.
std::string home_in_provider(const std::string& key, const Value& schema) {
  if (!schema["properties"].find("providers")) return {};
  if (key == "host" || key == "port") return "here the provider has it: base_url: http://host:port/v1";
  if (key == "cors") return "here the provider 'lmstudio' has it, beside start_server: true";
  return {};
}

Words unknown_key(const std::string& key, const Value& schema) {
  if (const std::string hint = home_in_provider(key, schema); !hint.empty())
    return {"unknown key " + in_quotes(key), hint};
  if (const std::string home = home_of(key, schema); !home.empty())
    return {"unknown key " + in_quotes(key), "it belongs under '" + home + "'"};
  std::vector<std::string> near;
  for (const Member& property : schema["properties"].members())
    if (!property.value["x-not-yet"].as_bool()) near.push_back(property.key);
  return {"unknown key " + in_quotes(key), base::did_you_mean(base::nearest(key, near))};
}

Words about_key(const schema::Fault& fault, const std::string& key, const Value& schema) {
  if (fault.keyword == "additionalProperties") return unknown_key(key, schema);
  return {in_quotes(key) + " is not a valid " + std::string(schema["description"].as_string()) +
          ": expected " + format_wants(schema, key)};
}

// A default need not be a URL to be right: "auto".
bool is_preset(const schema::Fault& fault, const Node& node, const Value& schema) {
  return fault.keyword == "format" && schema["format"].as_string() == "uri" &&
         schema["default"] == Value(node.text);
}

}  // namespace

void complain(const schema::Violation& violation, const Node& root, const Value& schema_root,
              Problems& problems) {
  const schema::Fault& fault = violation.fault;
  const Spot spot = find_spot(root, violation.pointer);
  const Value& schema = *base::find_at(schema_root, violation.schema);
  if (spot.node->broken || is_preset(fault, *spot.node, schema)) return;
  if (fault.keyword == "required") {
    for (const std::string& key : fault.names)
      problems.add({spot.at, spot.where, "the key '" + key + "' is missing", {}, key});
  } else if (fault.keyword == "additionalProperties" || fault.keyword == "propertyNames") {
    Words words = about_key(fault, spot.key, schema);
    problems.add({spot.at, spot.around, std::move(words.message), std::move(words.hint), spot.key});
  } else {
    Words words = about_value(fault, *spot.node, schema);
    const bool itself = spot.node->is_scalar() || fault.keyword == "type";
    problems.add(
        {itself ? spot.node->at : spot.at, spot.where, std::move(words.message), std::move(words.hint)});
  }
}

}  // namespace tachikoma::config
