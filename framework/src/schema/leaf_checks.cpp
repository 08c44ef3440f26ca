// SPDX-License-Identifier: MIT
#include "schema/leaf_checks.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/utf8.hpp"
#include "schema/canonical.hpp"
#include "schema/wording.hpp"

namespace tachikoma::schema {
namespace {

using Faults = std::vector<Fault>;

// Holds every 64-bit integer and every double exactly.
long double exact(const Value& number) {
  return number.is_integer() ? static_cast<long double>(number.as_integer())
                             : static_cast<long double>(number.as_real());
}

std::size_t weight(const Value& value) {
  std::size_t sum = 1 + value.as_string().size() / 64;
  for (const Value& each : value.elements()) sum += weight(each);
  for (const Member& each : value.members()) sum += 1 + weight(each.value);
  return sum;
}

bool is_multiple(const Value& value, const Value& of) {
  if (value.is_integer() && of.is_integer()) return value.as_integer() % of.as_integer() == 0;
  const long double quotient = exact(value) / exact(of);
  if (!std::isfinite(quotient)) return false;
  // decimal fractions such as 0.0001 are not exact in binary
  return std::fabs(quotient - std::round(quotient)) <= 1e-10L * std::max(1.0L, std::fabs(quotient));
}

void check_choices(std::string_view keyword, const std::optional<Choices>& choices, const Value& value,
                   Budget& budget, Faults& out) {
  if (!choices || !budget.spend(weight(value)) || choices->canonical.contains(canonical(value))) return;
  std::string list;
  for (const Value& each : choices->values) {
    if (list.size() > 400) {
      list += ", …";
      break;
    }
    list += (list.empty() ? "" : ", ") + base::to_json(each).substr(0, 200);
  }
  out.push_back({keyword, choices->values.size() == 1 ? "must be " + list : "must be one of " + list,
                 "is " + shown(value)});
}

void check_number(const Node& node, const Value& value, Faults& out) {
  const long double number = exact(value);
  const auto demand = [&](const char* keyword, const std::optional<Value>& limit, auto fits,
                          const char* words) {
    if (limit && !fits(*limit)) out.push_back({keyword, words + shown(*limit), "is " + shown(value)});
  };
  const auto at_least = [&](const Value& limit) { return number >= exact(limit); };
  const auto above = [&](const Value& limit) { return number > exact(limit); };
  const auto at_most = [&](const Value& limit) { return number <= exact(limit); };
  const auto below = [&](const Value& limit) { return number < exact(limit); };
  const auto multiple = [&](const Value& of) { return is_multiple(value, of); };
  demand("minimum", node.minimum, at_least, "must be at least ");
  demand("exclusiveMinimum", node.above, above, "must be more than ");
  demand("maximum", node.maximum, at_most, "must be at most ");
  demand("exclusiveMaximum", node.below, below, "must be less than ");
  demand("multipleOf", node.multiple_of, multiple, "must be a multiple of ");
}

struct CountKeywords {
  const char* min_keyword;
  const char* max_keyword;
  const char* noun;
};

void check_count(const CountKeywords& words, const std::optional<std::size_t>& min,
                 const std::optional<std::size_t>& max, std::size_t count, Faults& out) {
  const auto found = [&] { return "has " + std::to_string(count); };
  if (min && count < *min)
    out.push_back({words.min_keyword, "must have at least " + counted(*min, words.noun), found()});
  if (max && count > *max)
    out.push_back({words.max_keyword, "must have at most " + counted(*max, words.noun), found()});
}

void check_string(const Node& node, std::string_view text, Budget& budget, Faults& out) {
  if (node.min_length || node.max_length)
    check_count({"minLength", "maxLength", "character"}, node.min_length, node.max_length,
                base::count_characters(text), out);
  if (node.pattern && budget.spend(node.pattern->cost(text.size())) && !node.pattern->found_in(text))
    out.push_back(
        {"pattern", "must match the pattern '" + node.pattern->source() + "'", "is " + shown(text)});
}

void check_unique(const Value& array, Budget& budget, Faults& out) {
  if (!budget.spend(weight(array))) return;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < array.elements().size(); ++i) {
    const auto [first, is_new] = seen.emplace(canonical(array.elements()[i]), i);
    if (is_new) continue;
    out.push_back({"uniqueItems", "must not repeat an item",
                   "has the same at " + std::to_string(first->second) + " and " + std::to_string(i)});
    return;
  }
}

void check_required(std::string_view keyword, const std::vector<std::string>& names, const Value& object,
                    const std::string& why, Budget& budget, Faults& out) {
  std::vector<std::string> missing;
  for (const std::string& name : names)
    if (budget.spend(1 + object.members().size() / 8) && !object.find(name)) missing.push_back(name);
  if (missing.empty()) return;
  const char* words = missing.size() == 1 ? "must have the member " : "must have the members ";
  out.push_back({keyword, words + base::quoted_list(missing) + why, {}, 0, std::move(missing)});
}

void check_object(const Node& node, const Value& object, Budget& budget, Faults& out) {
  check_count({"minProperties", "maxProperties", "member"}, node.min_members, node.max_members,
              object.members().size(), out);
  check_required("required", node.required, object, "", budget, out);
  for (const Node::Dependency& each : node.dependencies)
    if (!each.required.empty() && object.find(each.member))
      check_required("dependencies", each.required, object, ", because it has '" + each.member + "'", budget,
                     out);
}

}  // namespace

std::vector<Fault> check_leaf(const Node& node, const Value& value, Budget& budget) {
  if (node.nothing_fits) return {{{}, "must not be there"}};
  Faults out;
  TypeSet types = types_of(value);
  if (node.format && value.is_string()) {
    const FormatReading reading = node.format(value.as_string());
    if (reading.meaning.is_null()) return {{"format", "must be " + reading.expected, "is " + shown(value)}};
    types |= types_of(reading.meaning);
    if (reading.meaning.is_number()) check_number(node, reading.meaning, out);
  }
  if (!(types & node.types))
    return {{"type", "must be " + type_names(node.types), "is " + shown(value), node.types}};
  check_choices("enum", node.enumeration, value, budget, out);
  check_choices("const", node.constant, value, budget, out);
  if (value.is_number()) check_number(node, value, out);
  if (value.is_string()) check_string(node, value.as_string(), budget, out);
  if (value.is_array()) {
    check_count({"minItems", "maxItems", "item"}, node.min_items, node.max_items, value.elements().size(),
                out);
    if (node.unique_items) check_unique(value, budget, out);
  }
  if (value.is_object()) check_object(node, value, budget, out);
  return out;
}

}  // namespace tachikoma::schema
