// SPDX-License-Identifier: MIT
#include "config/read_values.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json_pointer.hpp"
#include "base/lists.hpp"
#include "config/formats.hpp"
#include "config/scalars.hpp"
#include "config/spellings.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::config {
namespace {

using Number = NumberText::Kind;

// A value as written, and converted if that differs.
struct Both {
  Value shown = {};
  std::optional<Value> typed = {};
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

// What a schema says of the values at its places: found once for all of them.
struct Form {
  explicit Form(const Value& of)
      : schema(of),
        properties(of["properties"]),
        others(of["additionalProperties"]),
        items(of["items"]),
        format(of["format"].as_string()),
        type(of["type"]),
        object(allows("object")),
        array(allows("array")),
        string(allows("string")),
        number(allows("number")),
        integer(allows("integer") || number),
        boolean(allows("boolean")),
        not_yet(of["x-not-yet"].as_bool()),
        refused(!of.as_bool(true)) {
    for (const Member& property : properties.members()) {
      if (property.value.find("default")) presets.push_back(&property);
      has_other_names = has_other_names || property.value.find("x-same-as");
    }
  }

  bool allows(std::string_view name) const {
    const auto is_it = [&](const Value& each) { return each.as_string() == name; };
    if (type.is_array()) return std::any_of(type.elements().begin(), type.elements().end(), is_it);
    return type.is_null() || is_it(type);
  }

  const Value& schema;
  const Value& properties;
  const Value& others;
  const Value& items;
  const std::string_view format;
  const Value& type;
  const bool object, array, string, number, integer, boolean;  // allowed
  const bool not_yet, refused;
  std::vector<const Member*> presets = {};
  bool has_other_names = false;
};

std::size_t nodes_in(const Node& node) {
  std::size_t sum = 1;
  for (const Node& item : node.items) sum += nodes_in(item);
  for (const Entry& entry : node.entries) sum += nodes_in(entry.node);
  return sum;
}

class Reader {
 public:
  Reader(const Value& root, std::string_view base_folder, Problems& problems)
      : root_(root), base_folder_(base_folder), problems_(problems) {}

  Both read(Node& node, const Value& schema) {
    origins_.reserve(2 * nodes_in(node));  // with defaults
    return read(node, form_of(schema), {.trail = nullptr, .at = node.at});
  }

  std::vector<Origin> take_origins() { return std::move(origins_); }

 private:
  Both read(Node& node, const Form& form, Place place) {
    node.secret = place.secret = place.secret || form.format == "secret";
    if (node.kind == Node::Kind::map && form.object) return object(node, form, place);
    if (node.kind == Node::Kind::list && form.array) return list(node, form, place);
    add_origin(node, place);
    if (node.is_scalar() && !node.broken && is_quantity(form.format)) return quantity(node, form.format);
    return {scalar(node, form, place)};
  }

  const Form& form_of(const Value& schema) {
    const auto [known, is_new] = forms_.try_emplace(&schema);
    if (is_new) {
      const std::string_view reference = schema["$ref"].as_string();
      known->second = std::make_unique<const Form>(
          reference.empty() ? schema : *base::find_at(root_, reference.substr(1)));
    }
    return *known->second;
  }

  Both list(Node& node, const Form& form, const Place& place) {
    Value::Array shown;
    std::vector<std::pair<std::size_t, Value>> typed;  // those that differ
    const Form& items = form_of(form.items);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Trail here{place.trail, nullptr, i};
      const Step step(pointer_, std::to_string(i));
      Both each = read(node.items[i], items, {&here, node.items[i].at, place.secret});
      shown.push_back(std::move(each.shown));
      if (each.typed) typed.emplace_back(i, *std::move(each.typed));
    }
    if (node.items.empty()) add_origin(node, place);
    if (typed.empty()) return {std::move(shown)};
    Value::Array all = shown;
    for (auto& [index, value] : typed) all[index] = std::move(value);
    return {std::move(shown), std::move(all)};
  }

  Both object(Node& node, const Form& form, const Place& place) {
    if (form.has_other_names) unify_spellings(node, form.schema, place.trail, problems_);
    Value::Object shown;
    shown.reserve(node.entries.size());
    std::vector<std::pair<std::size_t, Value>> typed;  // those that differ
    const auto add = [&](Entry& entry) {
      Both value = member(entry, form, place);
      if (value.typed) typed.emplace_back(shown.size(), *std::move(value.typed));
      shown.push_back({entry.key, std::move(value.shown)});
    };
    for (Entry& entry : node.entries) add(entry);
    for (const Member* property : form.presets) {
      if (node.find(property->key)) continue;
      node.entries.push_back({property->key, place.at, to_node(property->value["default"])});
      defaults_ += 1;
      add(node.entries.back());
      defaults_ -= 1;
    }
    if (shown.empty()) add_origin(node, place);
    if (typed.empty()) return {std::move(shown)};
    const bool is_root = !place.trail;
    Value::Object all;
    if (!is_root) all = shown;
    for (auto& [index, value] : typed)
      if (is_root)
        all.push_back({shown[index].key, std::move(value)});
      else
        all[index].value = std::move(value);
    return {std::move(shown), std::move(all)};
  }

  // A key that the object does not accept has no value here.
  Both member(Entry& entry, const Form& form, const Place& place) {
    const Value* property = form.properties.find(entry.key);
    const Form& inner = form_of(property ? *property : form.others);
    if (inner.not_yet)
      problems_.add({entry.at, dotted(place.trail),
                     "'" + entry.key + "' is not available in this version (" + kVersion + ")", "remove it",
                     entry.key});
    else if (!inner.refused) {
      const Trail here{place.trail, &entry};
      const Step step(pointer_, entry.key);
      return read(entry.node, inner, {&here, entry.at, place.secret || entry.key == "headers"});
    }
    return {};
  }

  Value scalar(Node& node, const Form& form, const Place& place) {
    if (node.kind == Node::Kind::list) return Value::array();
    if (node.kind == Node::Kind::map) return Value::object();
    if (node.kind == Node::Kind::null || node.broken) return {};
    // JSON, and YAML within brackets, can't do without the quotes around a variable
    const bool is_text = node.kind == Node::Kind::quoted && !(node.is_variable && !form.string);
    Value value = is_text ? Value(node.text) : plain(node, form, place);
    if (value.is_string() && form.format == "path") return resolve_path(node.text, base_folder_);
    return value;
  }

  static Both quantity(const Node& node, std::string_view format) {
    // programs and schema defaults give milliseconds directly
    const bool counted = !node.at.line && node.kind == Node::Kind::plain && format == "duration" &&
                         parse_number(node.text).kind == Number::integer;
    const std::string text = counted ? node.text + "ms" : node.text;
    return {text, all_formats().find(format)->second(text).meaning};
  }

  Value plain(Node& node, const Form& form, const Place& place) {
    if (form.boolean && !form.type.is_null())
      if (const auto word = parse_bool(node.text)) return *word;
    // the environment does not know about quotes
    const bool may_be_text = node.expanded && form.string;
    if (is_core_bool(node.text) && !(may_be_text && !form.boolean)) return *parse_bool(node.text);
    const NumberText number = parse_number(node.text);
    if (number.kind == Number::none) return node.text;
    if (!form.integer) return may_be_text ? Value(node.text) : Value(number.real);
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
    return may_be_text && !form.number ? Value(node.text) : Value(number.real);
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
  std::unordered_map<const Value*, std::unique_ptr<const Form>> forms_;
  std::string pointer_;  // of where it is
  std::vector<Origin> origins_;
  int defaults_ = 0;  // above zero: inside a default
};

}  // namespace

Checked read_values(Node& root, const Value& schema, std::string_view base_folder, Problems& problems) {
  Reader reader(schema, base_folder, problems);
  Both both = reader.read(root, schema);
  return {std::move(both.shown), std::move(both.typed).value_or(Value()), reader.take_origins()};
}

const Value& Checked::typed(std::string_view member) const {
  const Value* const found = typed_members.find(member);
  return found ? *found : shown[member];
}

Value Checked::take_typed() {
  Value all = std::move(shown);
  const Value typed = std::move(typed_members);
  for (const Member& member : typed.members()) all.set(member.key, member.value);
  return all;
}

}  // namespace tachikoma::config
