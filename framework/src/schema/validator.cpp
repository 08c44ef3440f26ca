// SPDX-License-Identifier: MIT
#include "schema/validator.hpp"

#include <utility>

#include "base/json_pointer.hpp"
#include "schema/alternatives.hpp"
#include "schema/wording.hpp"

namespace tachikoma::schema {
namespace {

constexpr std::size_t kMaxCalls = 1000;  // of `check`, within each other

}  // namespace

std::string sentence(const Violation& violation) {
  std::string text = violation.pointer.empty() ? "the value" : "'" + violation.pointer + "'";
  text += " " + violation.fault.must;
  if (!violation.fault.but.empty()) text += ", but " + violation.fault.but;
  return text;
}

const std::vector<Violation>& Validator::validate(const Node& node, const Value& value) {
  check(node, value, nullptr);
  return found_;
}

std::string Validator::Path::pointer() const {
  const std::string above = parent ? parent->pointer() : "";
  return above + (name.data() ? base::pointer_step(name) : "/" + std::to_string(index));
}

bool Validator::check(const Node& node, const Value& value, const Path* path) {
  if (!budget_.spend(depth_ < kMaxCalls ? 1 : std::size_t(-1))) return false;
  ++depth_;
  std::vector<Fault> faults = check_leaf(node, value, budget_);
  const bool fits_itself = faults.empty();
  const bool right_type = fits_itself || !faults.front().types;
  for (Fault& fault : faults) report(node, path, std::move(fault));
  const bool fits = right_type && check_parts(node, value, path) && fits_itself;
  --depth_;
  return fits;
}

bool Validator::check_parts(const Node& node, const Value& value, const Path* path) {
  bool fits = true;
  if (value.is_array()) fits = check_items(node, value, path) && fits;
  if (value.is_object()) fits = check_members(node, value, path) && fits;
  for (const Node* each : node.all_of) fits = check(*each, value, path) && fits;
  if (!node.any_of.empty()) fits = check_alternatives(node, false, value, path) && fits;
  if (!node.one_of.empty()) fits = check_alternatives(node, true, value, path) && fits;
  if (node.excluded && check_aside(*node.excluded, value, path, nullptr))
    fits = report(node, path, {"not", "must not fit the schema at '" + node.excluded->place + "'"});
  return check_condition(node, value, path) && fits;
}

bool Validator::check_items(const Node& node, const Value& array, const Path* path) {
  bool fits = true;
  for (std::size_t i = 0; i < array.elements().size() && !budget_.spent(); ++i) {
    const Node* item = i < node.leading_items.size() ? node.leading_items[i] : node.other_items;
    const Path here{path, {}, i};
    if (item) fits = check(*item, array.elements()[i], &here) && fits;
  }
  if (node.contains && !contains(*node.contains, array))
    fits = report(node, path,
                  {"contains", "must have an item that fits the schema at '" + node.contains->place + "'"});
  return fits;
}

bool Validator::contains(const Node& node, const Value& array) {
  for (const Value& each : array.elements())
    if (check_aside(node, each, nullptr, nullptr)) return true;
  return false;
}

bool Validator::check_members(const Node& node, const Value& object, const Path* path) {
  bool fits = true;
  for (const Member& member : object.members()) {
    const Path here{path, member.key, 0};
    if (node.member_names) fits = check_name(*node.member_names, member.key, &here) && fits;
    fits = check_member(node, member, &here) && fits;
  }
  for (const Node::Dependency& each : node.dependencies)
    if (each.schema && object.find(each.member)) fits = check(*each.schema, object, path) && fits;
  return fits;
}

bool Validator::check_member(const Node& node, const Member& member, const Path* path) {
  bool known = false, fits = true;
  if (const auto named = node.members.find(member.key); named != node.members.end()) {
    known = true;
    fits = check(*named->second, member.value, path);
  }
  for (const auto& [pattern, schema] : node.pattern_members) {
    if (!budget_.spend(pattern.cost(member.key.size())) || !pattern.found_in(member.key)) continue;
    known = true;
    fits = check(*schema, member.value, path) && fits;
  }
  if (known || !node.other_members) return fits;
  if (!node.other_members->nothing_fits) return check(*node.other_members, member.value, path);
  std::vector<std::string> names;
  for (const auto& [name, schema] : node.members) names.push_back(name);
  return report(node, path,
                {"additionalProperties",
                 "must not be there" + (names.empty() ? "" : "; allowed is " + quoted_list(names))});
}

bool Validator::check_name(const Node& names, const std::string& name, const Path* path) {
  Violations aside;
  if (check_aside(names, Value(name), path, &aside)) return true;
  for (Violation& each : aside)
    report(names, path,
           {"propertyNames", "must have another name: it " + std::move(each.fault.must),
            std::move(each.fault.but)});
  return false;
}

bool Validator::check_alternatives(const Node& node, bool only_one, const Value& value, const Path* path) {
  const std::vector<const Node*>& schemas = only_one ? node.one_of : node.any_of;
  const std::string_view keyword = only_one ? "oneOf" : "anyOf";
  std::size_t fitting = 0;
  std::vector<Violations> alternatives;
  for (const Node* each : schemas) {
    Violations aside;
    if (check_aside(*each, value, path, sink_ ? &aside : nullptr)) {
      ++fitting;
      if (!only_one) return true;
    }
    alternatives.push_back(std::move(aside));
  }
  if (fitting == 1) return true;
  if (fitting > 1)
    return report(node, path,
                  {keyword, "must fit exactly one of " + counted(schemas.size(), "alternative"),
                   "fits " + std::to_string(fitting)});
  if (!sink_) return false;
  Violation whole{path ? path->pointer() : "", node.place, {keyword, ""}};
  for (Violation& each : explain(std::move(alternatives), std::move(whole))) report(std::move(each));
  return false;
}

bool Validator::check_condition(const Node& node, const Value& value, const Path* path) {
  if (!node.condition) return true;
  const bool holds = check_aside(*node.condition, value, path, nullptr);
  const Node* then = holds ? node.when_true : node.when_false;
  return !then || check(*then, value, path);
}

bool Validator::check_aside(const Node& node, const Value& value, const Path* path, Violations* into) {
  Violations* const outer = std::exchange(sink_, into);
  const bool fits = check(node, value, path);
  sink_ = outer;
  return fits;
}

bool Validator::report(const Node& node, const Path* path, Fault fault) {
  if (!sink_ || sink_->size() >= most_) return false;
  return report({path ? path->pointer() : "", node.place, std::move(fault)});
}

bool Validator::report(Violation violation) {
  if (sink_->size() < most_) sink_->push_back(std::move(violation));
  return false;
}

}  // namespace tachikoma::schema
