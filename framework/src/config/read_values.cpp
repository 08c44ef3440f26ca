// SPDX-License-Identifier: MIT
#include "config/read_values.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json_pointer.hpp"
#include "base/lists.hpp"
#include "config/formats.hpp"
#include "config/scalars.hpp"
#include "config/spellings.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::config {
namespace {

using Number = NumberText::Kind;

// A value, converted and as written.
struct Both {
  Value typed = {};
  Value shown = {};
};

struct Place {
  const Trail* trail;
  Position at;  // of the key
  bool secret = false;
};

// Another step of a pointer, for as long as this lives.
class Step {
 public:
  Step(std::string& pointer, std::string_view name) : pointer_(pointer), before_(pointer.size()) {
    base::append_pointer_step(pointer, name);
  }
  ~Step() { pointer_.resize(before_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string& pointer_;
  const std::size_t before_;
};

bool allows_type(const Value& schema, std::string_view type) {
  const auto is_it = [&](const Value& each) {
    return each.as_string() == type || (type == "integer" && each.as_string() == "number");
  };
  const Value& wanted = schema["type"];
  if (wanted.is_array()) return std::any_of(wanted.elements().begin(), wanted.elements().end(), is_it);
  return wanted.is_null() || is_it(wanted);
}

// Whether the schema names that type itself, so that words for it may be used.
bool names_type(const Value& schema, std::string_view type) {
  return schema.find("type") && allows_type(schema, type);
}

class Reader {
 public:
  Reader(const Value& root, std::string_view base_folder, Problems& problems)
      : root_(root), base_folder_(base_folder), problems_(problems) {}

  Both read(Node& node, const Value& given, Place place) {
    const std::string_view reference = given["$ref"].as_string();
    const Value& schema = reference.empty() ? given : *base::find_at(root_, reference.substr(1));
    node.secret = place.secret = place.secret || schema["format"].as_string() == "secret";
    if (node.kind == Node::Kind::map && allows_type(schema, "object")) return object(node, schema, place);
    if (node.kind == Node::Kind::list && allows_type(schema, "array")) return list(node, schema, place);
    add_origin(node, place);
    if (node.is_scalar() && !node.broken && is_quantity(schema["format"].as_string()))
      return quantity(node, schema["format"].as_string());
    Value value = scalar(node, schema, place);
    Value same = value;
    return {std::move(value), std::move(same)};
  }

  std::vector<Origin> take_origins() { return std::move(origins_); }

 private:
  Both list(Node& node, const Value& schema, const Place& place) {
    Value::Array typed, shown;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Trail here{place.trail, nullptr, i};
      const Step step(pointer_, std::to_string(i));
      Both each = read(node.items[i], schema["items"], {&here, node.items[i].at, place.secret});
      typed.push_back(std::move(each.typed));
      shown.push_back(std::move(each.shown));
    }
    if (node.items.empty()) add_origin(node, place);
    return {std::move(typed), std::move(shown)};
  }

  Both object(Node& node, const Value& schema, const Place& place) {
    unify_spellings(node, schema, place.trail, problems_);
    Value::Object typed, shown;
    typed.reserve(node.entries.size());
    shown.reserve(node.entries.size());
    const auto add = [&](Entry& entry) {
      Both value = member(entry, schema, place);
      typed.push_back({entry.key, std::move(value.typed)});
      shown.push_back({entry.key, std::move(value.shown)});
    };
    for (Entry& entry : node.entries) add(entry);
    for (const Member& property : schema["properties"].members()) {
      const Value* preset = property.value.find("default");
      if (!preset || node.find(property.key)) continue;
      node.entries.push_back({property.key, place.at, to_node(*preset)});
      defaults_ += 1;
      add(node.entries.back());
      defaults_ -= 1;
    }
    if (shown.empty()) add_origin(node, place);
    return {std::move(typed), std::move(shown)};
  }

  // A key that the object does not accept has no value here.
  Both member(Entry& entry, const Value& schema, const Place& place) {
    const Value* property = schema["properties"].find(entry.key);
    const Value& inner = property ? *property : schema["additionalProperties"];
    if (inner["x-not-yet"].as_bool())
      problems_.add({entry.at, dotted(place.trail),
                     "'" + entry.key + "' is not available in this version (" + kVersion + ")", "remove it",
                     entry.key});
    else if (inner.as_bool(true)) {
      const Trail here{place.trail, &entry};
      const Step step(pointer_, entry.key);
      return read(entry.node, inner, {&here, entry.at, place.secret || entry.key == "headers"});
    }
    return {};
  }

  Value scalar(Node& node, const Value& schema, const Place& place) {
    if (node.kind == Node::Kind::list) return Value::array();
    if (node.kind == Node::Kind::map) return Value::object();
    if (node.kind == Node::Kind::null || node.broken) return {};
    // JSON, and YAML within brackets, can't do without the quotes around a variable
    const bool is_text =
        node.kind == Node::Kind::quoted && !(node.is_variable && !allows_type(schema, "string"));
    Value value = is_text ? Value(node.text) : plain(node, schema, place);
    if (value.is_string() && schema["format"].as_string() == "path")
      return resolve_path(node.text, base_folder_);
    return value;
  }

  static Both quantity(const Node& node, std::string_view format) {
    // programs and schema defaults give milliseconds directly
    const bool counted = !node.at.line && node.kind == Node::Kind::plain && format == "duration" &&
                         parse_number(node.text).kind == Number::integer;
    const std::string text = counted ? node.text + "ms" : node.text;
    return {all_formats().find(format)->second(text).meaning, text};
  }

  Value plain(Node& node, const Value& schema, const Place& place) {
    if (names_type(schema, "boolean"))
      if (const auto word = parse_bool(node.text)) return *word;
    // the environment does not know about quotes
    const bool may_be_text = node.expanded && allows_type(schema, "string");
    if (is_core_bool(node.text) && !(may_be_text && !allows_type(schema, "boolean")))
      return *parse_bool(node.text);
    const NumberText number = parse_number(node.text);
    if (number.kind == Number::none) return node.text;
    if (!allows_type(schema, "integer")) return may_be_text ? Value(node.text) : Value(number.real);
    switch (number.kind) {
      case Number::integer: return number.integer;
      case Number::real: break;
      case Number::leading_zero:
        return unreadable(node, place,
                          (node.secret ? std::string("the number") : in_quotes(node.text)) +
                              " is ambiguous: YAML 1.1 reads it as octal, YAML 1.2 as decimal",
                          "write it without the leading zero");
      default: return unreadable(node, place, "the number does not fit into 64 bits");
    }
    return may_be_text && !allows_type(schema, "number") ? Value(node.text) : Value(number.real);
  }

  Value unreadable(Node& node, const Place& place, std::string message, std::string hint = {}) {
    node.broken = true;
    problems_.add({node.at, dotted(place.trail), std::move(message), std::move(hint)});
    return {};
  }

  void add_origin(const Node& node, const Place& place) {
    std::string from = defaults_                ? "default"
                       : node.variables.empty() ? problems_.place(node.at)
                                                : "environment " + base::listed(node.variables);
    origins_.push_back({pointer_, std::move(from), place.secret});
  }

  const Value& root_;
  const std::string base_folder_;
  Problems& problems_;
  std::string pointer_;  // of where it is
  std::vector<Origin> origins_;
  int defaults_ = 0;  // above zero: inside a default
};

}  // namespace

Checked read_values(Node& root, const Value& schema, std::string_view base_folder, Problems& problems) {
  Reader reader(schema, base_folder, problems);
  Both both = reader.read(root, schema, {.trail = nullptr, .at = root.at});
  return {std::move(both.typed), std::move(both.shown), reader.take_origins()};
}

}  // namespace tachikoma::config
