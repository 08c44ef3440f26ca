// SPDX-License-Identifier: MIT
#include "config/schema_check.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "config/scalar_check.hpp"
#include "config/scalars.hpp"
#include "config/spellings.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::config {
namespace {

// A value, and as it was written.
struct Both {
  Value typed;
  Value shown;
};

struct Place {
  std::string where;    // dotted, for people
  std::string pointer;  // JSON pointer
  Position at;          // of the key, for what is missing
  bool secret = false;
};

std::vector<std::string> keys_to_offer(const Value& properties) {
  std::vector<std::string> keys;
  for (const Member& property : properties.members())
    if (!property.value["x-not-yet"].as_bool()) keys.push_back(property.key);
  return keys;
}

// The group of the object that `key` belongs under, when it stands outside by mistake.
std::string group_of(const Value& properties, std::string_view key) {
  for (const Member& property : properties.members())
    if (property.value["properties"].find(key)) return property.key;
  return {};
}

class Walker {
 public:
  Walker(std::string_view base_folder, Problems& problems) : base_folder_(base_folder), problems_(problems) {}

  Both walk(const Node& node, const Value& schema, Place place) {
    place.secret = place.secret || schema["format"].as_string() == "secret";
    if (node.kind == Node::Kind::map && allows_type(schema, "object")) return object(node, schema, place);
    if (node.kind == Node::Kind::list && allows_type(schema, "array")) return list(node, schema, place);
    Scalar scalar = check_scalar(node, schema, place.secret, base_folder_);
    if (!scalar.message.empty())
      problems_.add({node.at, place.where, std::move(scalar.message), std::move(scalar.hint)});
    add_origin(node, place);
    return {std::move(scalar.typed), std::move(scalar.shown)};
  }

  std::vector<Origin> take_origins() { return std::move(origins_); }

 private:
  Both list(const Node& node, const Value& schema, const Place& place) {
    Both both{Value::array(), Value::array()};
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string index = std::to_string(i);
      Both each = walk(
          node.items[i], schema["items"],
          {place.where + "[" + index + "]", place.pointer + "/" + index, node.items[i].at, place.secret});
      both.typed.push_back(std::move(each.typed));
      both.shown.push_back(std::move(each.shown));
    }
    if (node.items.empty()) add_origin(node, place);
    if (const Value* limit = schema.find("x-some-above")) check_some_above(both.typed, *limit, place);
    return both;
  }

  void check_some_above(const Value& list, const Value& limit, const Place& place) {
    const Value::Array& each = list.elements();
    const auto above = [&](const Value& value) { return !(value.as_real() <= limit.as_real()); };
    if (!each.empty() && std::none_of(each.begin(), each.end(), above))
      problems_.add({place.at,
                     place.where,
                     "no number of the list is more than " + base::to_json(limit) + ": expected at least one",
                     {}});
  }

  Both object(const Node& written, const Value& schema, const Place& place) {
    const Node node = unify_spellings(written, schema, place.where, problems_);
    Both both{Value::object(), Value::object()};
    if (schema["x-keys"].is_string()) check_tokens(node, place);
    for (const Entry& entry : node.entries)
      if (const Value* inner = schema_of(entry, schema, place)) member(both, entry, *inner, place);
    for (const Value& required : schema["required"].elements())
      if (!node.find(required.as_string())) report_missing(std::string(required.as_string()), place);
    for (const Member& property : schema["properties"].members())
      if (property.value.find("default") && !node.find(property.key)) add_default(both, property, place);
    if (both.shown.members().empty()) add_origin(node, place);
    return both;
  }

  void member(Both& both, const Entry& entry, const Value& schema, const Place& place) {
    Both value = walk(
        entry.node, schema,
        {entry.where.empty() ? dotted(place.where, entry.key) : entry.where,
         place.pointer + base::pointer_step(entry.key), entry.at, place.secret || entry.key == "headers"});
    both.typed.set(entry.key, std::move(value.typed));
    both.shown.set(entry.key, std::move(value.shown));
  }

  void check_tokens(const Node& node, const Place& place) {
    for (const Entry& entry : node.entries)
      if (const NumberText number = parse_number(entry.key);
          number.kind != NumberText::Kind::integer || number.integer < 0)
        problems_.add({entry.at,
                       place.where,
                       in_quotes(entry.key) + " is no token number: expected a whole number from 0",
                       {},
                       entry.key});
  }

  void add_default(Both& both, const Member& property, const Place& place) {
    Entry entry{property.key, place.at, to_node(property.value["default"])};
    defaults_ += 1;
    member(both, entry, property.value, place);
    defaults_ -= 1;
  }

  // The schema of one member; null, and a problem, when the object takes no such key.
  const Value* schema_of(const Entry& entry, const Value& schema, const Place& place) {
    const Value* property = schema["properties"].find(entry.key);
    if (property && (*property)["x-not-yet"].as_bool()) {
      problems_.add({entry.at, place.where,
                     "'" + entry.key + "' is not available in this version (" + kVersion + ")", "remove it",
                     entry.key});
      return nullptr;
    }
    if (property) return property;
    const Value& additional = schema["additionalProperties"];
    if (additional.is_object()) return &additional;
    const bool anything = !schema.find("properties") && !schema.find("type");
    if (additional.as_bool() || anything) return &any_;
    report_unknown(entry, schema["properties"], place);
    return nullptr;
  }

  void report_unknown(const Entry& entry, const Value& properties, const Place& place) {
    const std::string group = group_of(properties, entry.key);
    std::string hint = group.empty() ? base::did_you_mean(base::nearest(entry.key, keys_to_offer(properties)))
                                     : "it belongs under '" + group + "'";
    problems_.add({entry.at, place.where, "unknown key " + in_quotes(entry.key), std::move(hint), entry.key});
  }

  void report_missing(const std::string& key, const Place& place) {
    problems_.add({place.at, place.where, "the key '" + key + "' is missing", {}, key});
  }

  void add_origin(const Node& node, const Place& place) {
    Origin origin{place.pointer, problems_.place(node.at), place.secret};
    if (defaults_) {
      origin.place = "default";
    } else if (!node.variables.empty()) {
      origin.place = "environment ";
      for (std::size_t i = 0; i < node.variables.size(); ++i)
        origin.place += (i ? ", " : "") + node.variables[i];
    }
    origins_.push_back(std::move(origin));
  }

  const std::string base_folder_;
  const Value any_ = Value::object();
  Problems& problems_;
  std::vector<Origin> origins_;
  int defaults_ = 0;  // above zero: inside a default
};

}  // namespace

Checked check_schema(const Node& root, const Value& schema, std::string_view base_folder,
                     Problems& problems) {
  Walker walker(base_folder, problems);
  Both both = walker.walk(root, schema, {.where = {}, .pointer = {}, .at = root.at});
  return {std::move(both.typed), std::move(both.shown), walker.take_origins()};
}

}  // namespace tachikoma::config
