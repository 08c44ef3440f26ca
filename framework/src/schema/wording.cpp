// SPDX-License-Identifier: MIT
#include "schema/wording.hpp"

#include <array>
#include <utility>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/utf8.hpp"
#include "schema/canonical.hpp"

namespace tachikoma::schema {
namespace {

constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kMaxListed = 12;

}  // namespace

TypeSet types_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return kNull;
    case Value::Kind::boolean: return kBoolean;
    case Value::Kind::integer: return kInteger | kNumber;
    case Value::Kind::real: return is_integral(value) ? kInteger | kNumber : kNumber;
    case Value::Kind::string: return kString;
    case Value::Kind::array: return kArray;
    case Value::Kind::object: return kObject;
  }
  return 0;
}

std::string kind_name(const Value& value) {
  const TypeSet types = types_of(value);
  return type_names(types & kInteger ? kInteger : types);
}

std::string type_names(TypeSet types) {
  constexpr std::array<std::pair<TypeSet, const char*>, 7> kNames = {{{kObject, "an object"},
                                                                      {kArray, "an array"},
                                                                      {kString, "a string"},
                                                                      {kNumber, "a number"},
                                                                      {kInteger, "an integer"},
                                                                      {kBoolean, "true or false"},
                                                                      {kNull, "null"}}};
  std::vector<std::string> names;
  for (const auto& [type, name] : kNames)
    if ((types & type) && !(type == kInteger && (types & kNumber))) names.emplace_back(name);
  return base::listed(names, " or ");
}

std::string shown(const Value& value) {
  if (value.is_array() || value.is_object()) return kind_name(value);
  const std::string text =
      value.is_string() ? base::to_json(value.as_string().substr(0, kMaxShown * 2)) : base::to_json(value);
  if (text.size() <= kMaxShown) return text;
  return std::string(base::utf8_prefix(text, kMaxShown)) + "…\"";
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const std::string& name : names) {
    if (words.size() == kMaxListed) {
      words.push_back(std::to_string(names.size() - kMaxListed) + " more");
      break;
    }
    words.push_back("'" + name + "'");
  }
  return base::listed(words, " or ");
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace tachikoma::schema
