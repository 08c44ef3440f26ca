// SPDX-License-Identifier: MIT
#include "schema/keyword_readers.hpp"

#include <array>
#include <map>
#include <utility>

#include "schema/canonical.hpp"

namespace tachikoma::schema {
namespace {

using Spot = Compiler::Spot;
using ReaderMap = std::map<std::string_view, KeywordReader>;

template <class Each>
void each_member(Compiler& compiler, const Spot& spot, Each each) {
  if (!compiler.require(spot.value.is_object(), spot, "an object")) return;
  for (const Member& member : spot.value.members()) each(member.key, spot.at(member.key, member.value));
}

TypeSet type_named(Compiler& compiler, const Spot& spot) {
  constexpr std::array<std::pair<std::string_view, TypeSet>, 7> kTypes = {{{"null", kNull},
                                                                           {"boolean", kBoolean},
                                                                           {"integer", kInteger},
                                                                           {"number", kInteger | kNumber},
                                                                           {"string", kString},
                                                                           {"array", kArray},
                                                                           {"object", kObject}}};
  const std::string_view name = spot.value.as_string();
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  const bool any = compiler.draft() == Draft::draft3;  // there an unknown type is any type
  compiler.require(any, spot, "'object', 'array', 'string', 'number', 'integer', 'boolean' or 'null'");
  return kAnyType;
}

void read_type(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (!spot.value.is_array()) {
    node.types = type_named(compiler, spot);
    return;
  }
  compiler.require(!spot.value.elements().empty(), spot, "a type or a list of them");
  node.types = 0;
  for (const Value& each : spot.value.elements())
    node.types |= type_named(compiler, {each, spot.place, spot.base});
}

Choices choices(Value::Array values) {
  Choices out;
  for (const Value& each : values) out.canonical.insert(canonical(each));
  out.values = std::move(values);
  return out;
}

void read_enum(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (compiler.require(!spot.value.elements().empty(), spot, "an array of values"))
    node.enumeration = choices(spot.value.elements());
}

void read_const(Compiler&, Node& node, const Spot& spot, const Spot&) {
  node.constant = choices({spot.value});
}

void read_pattern(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (compiler.require(spot.value.is_string(), spot, "a string"))
    node.pattern = compiler.pattern(spot.value.as_string(), spot);
}

// `true` excludes the limit itself in drafts 3 and 4; later ones write a limit of its own.
void read_exclusive(Compiler& compiler, const Spot& spot, const Value& limit,
                    std::optional<Value>& exclusive) {
  if (!spot.value.is_bool())
    exclusive = compiler.number(spot);
  else if (spot.value.as_bool() && limit.is_number())
    exclusive = limit;
}

void read_exclusive_minimum(Compiler& compiler, Node& node, const Spot& spot, const Spot& owner) {
  read_exclusive(compiler, spot, owner.value["minimum"], node.above);
}

void read_exclusive_maximum(Compiler& compiler, Node& node, const Spot& spot, const Spot& owner) {
  read_exclusive(compiler, spot, owner.value["maximum"], node.below);
}

void read_multiple(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (compiler.require(spot.value.as_real() > 0, spot, "a number above 0")) node.multiple_of = spot.value;
}

template <std::optional<Value> Node::*field>
void read_number(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  node.*field = compiler.number(spot);
}

template <std::optional<std::size_t> Node::*field>
void read_count(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  node.*field = compiler.count(spot);
}

template <const Node* Node::*field>
void read_schema(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  node.*field = compiler.node(spot);
}

template <std::vector<const Node*> Node::*field>
void read_schemas(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  compiler.require(!spot.value.elements().empty(), spot, "an array of schemas");
  for (const Node* each : compiler.nodes(spot)) (node.*field).push_back(each);
}

void read_items(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (!spot.value.is_array()) {
    node.other_items = compiler.node(spot);
    return;
  }
  if (compiler.draft() == Draft::later)
    compiler.fail(schema_error(spot.place, "an array is not what this draft allows",
                               "name draft 7 in '$schema', or leave it out"));
  node.leading_items = compiler.nodes(spot);
}

// Has an effect only if `items` is an array, but is always checked.
void read_additional_items(Compiler& compiler, Node& node, const Spot& spot, const Spot& owner) {
  const Node* others = compiler.node(spot);
  if (owner.value["items"].is_array()) node.other_items = others;
}

void read_unique_items(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  compiler.require(spot.value.is_bool(), spot, "true or false");
  node.unique_items = spot.value.as_bool();
}

void read_properties(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  each_member(compiler, spot, [&](const std::string& name, const Spot& inner) {
    if (compiler.draft() == Draft::draft3 && inner.value["required"].as_bool()) node.required.push_back(name);
    node.members.insert_or_assign(name, compiler.node(inner));
  });
}

void read_pattern_properties(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  each_member(compiler, spot, [&](const std::string& name, const Spot& inner) {
    const Node* schema = compiler.node(inner);
    if (std::optional<Pattern> pattern = compiler.pattern(name, inner))
      node.pattern_members.emplace_back(*std::move(pattern), schema);
  });
}

void read_required(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  node.required = compiler.names(spot);
}

void read_dependencies(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  each_member(compiler, spot, [&](const std::string& name, const Spot& inner) {
    Node::Dependency dependency{name, {}, nullptr};
    if (inner.value.is_array())
      dependency.required = compiler.names(inner);
    else if (compiler.draft() == Draft::draft3 && inner.value.is_string())
      dependency.required = {std::string(inner.value.as_string())};
    else
      dependency.schema = compiler.node(inner);
    node.dependencies.push_back(std::move(dependency));
  });
}

void read_definitions(Compiler& compiler, Node&, const Spot& spot, const Spot&) {
  each_member(compiler, spot, [&](const std::string&, const Spot& inner) { compiler.node(inner); });
}

// Draft 3 lets a type be a schema.
std::vector<const Node*> draft3_types(Compiler& compiler, const Spot& spot) {
  std::vector<const Node*> alternatives;
  const Value::Array single = {spot.value};
  const Value::Array& types = spot.value.is_array() ? spot.value.elements() : single;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Spot at = spot.value.is_array() ? spot.at(std::to_string(i), types[i]) : spot;
    if (at.value.is_object()) {
      alternatives.push_back(compiler.node(at));
    } else {
      Node& node = compiler.add(at);
      node.types = type_named(compiler, at);
      alternatives.push_back(&node);
    }
  }
  return alternatives;
}

void read_draft3_type(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  node.any_of = draft3_types(compiler, spot);
}

void read_disallow(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  std::vector<const Node*> alternatives = draft3_types(compiler, spot);
  Node& any = compiler.add(spot);
  any.any_of = std::move(alternatives);
  node.excluded = &any;
}

void read_extends(Compiler& compiler, Node& node, const Spot& spot, const Spot&) {
  if (spot.value.is_array())
    read_schemas<&Node::all_of>(compiler, node, spot, spot);
  else
    node.all_of.push_back(compiler.node(spot));
}

// Handled with the members' schemas: see read_properties.
void read_draft3_required(Compiler& compiler, Node&, const Spot& spot, const Spot&) {
  compiler.require(spot.value.is_bool(), spot, "true or false");
}

const ReaderMap& draft4_to_7() {
  static const ReaderMap readers = {
      {"$defs", read_definitions},
      {"additionalItems", read_additional_items},
      {"additionalProperties", read_schema<&Node::other_members>},
      {"allOf", read_schemas<&Node::all_of>},
      {"anyOf", read_schemas<&Node::any_of>},
      {"const", read_const},
      {"contains", read_schema<&Node::contains>},
      {"definitions", read_definitions},
      {"dependencies", read_dependencies},
      {"else", read_schema<&Node::when_false>},
      {"enum", read_enum},
      {"exclusiveMaximum", read_exclusive_maximum},
      {"exclusiveMinimum", read_exclusive_minimum},
      {"if", read_schema<&Node::condition>},
      {"items", read_items},
      {"maximum", read_number<&Node::maximum>},
      {"maxItems", read_count<&Node::max_items>},
      {"maxLength", read_count<&Node::max_length>},
      {"maxProperties", read_count<&Node::max_members>},
      {"minimum", read_number<&Node::minimum>},
      {"minItems", read_count<&Node::min_items>},
      {"minLength", read_count<&Node::min_length>},
      {"minProperties", read_count<&Node::min_members>},
      {"multipleOf", read_multiple},
      {"not", read_schema<&Node::excluded>},
      {"oneOf", read_schemas<&Node::one_of>},
      {"pattern", read_pattern},
      {"patternProperties", read_pattern_properties},
      {"properties", read_properties},
      {"propertyNames", read_schema<&Node::member_names>},
      {"required", read_required},
      {"then", read_schema<&Node::when_true>},
      {"type", read_type},
      {"uniqueItems", read_unique_items},
  };
  return readers;
}

const ReaderMap& draft3() {
  static const ReaderMap readers = [] {
    ReaderMap map = draft4_to_7();
    for (const char* later : {"allOf", "anyOf", "const", "contains", "else", "if", "maxProperties",
                              "minProperties", "multipleOf", "not", "oneOf", "propertyNames", "then"})
      map.erase(later);
    map["disallow"] = read_disallow;
    map["divisibleBy"] = read_multiple;
    map["extends"] = read_extends;
    map["required"] = read_draft3_required;
    map["type"] = read_draft3_type;
    return map;
  }();
  return readers;
}

const ReaderMap& readers_of(Draft draft) { return draft == Draft::draft3 ? draft3() : draft4_to_7(); }

}  // namespace

KeywordReader find_reader(std::string_view keyword, Draft draft) {
  const ReaderMap& readers = readers_of(draft);
  const auto found = readers.find(keyword);
  return found == readers.end() ? nullptr : found->second;
}

std::vector<std::string> keyword_names(Draft draft) {
  std::vector<std::string> names = {"$ref"};
  for (const auto& [name, reader] : readers_of(draft)) names.emplace_back(name);
  return names;
}

}  // namespace tachikoma::schema
