// SPDX-License-Identifier: MIT
#include "schema/canonical.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json.hpp"

namespace tachikoma::schema {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

void append_real(std::string& out, double number) {
  if (number == std::trunc(number) && number >= -kTwoTo63 && number < kTwoTo63)
    out += std::to_string(static_cast<std::int64_t>(number));
  else
    base::append_json_number(out, number);
}

void append_object(std::string& out, const Value::Object& members) {
  std::vector<const Member*> sorted;
  sorted.reserve(members.size());
  for (const Member& member : members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Member* a, const Member* b) { return a->key < b->key; });
  out += '{';
  for (const Member* member : sorted) {
    base::append_json_string(out, member->key);
    out += ':';
    append_canonical(out, member->value);
    out += ',';
  }
  out += '}';
}

}  // namespace

void append_canonical(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::real: append_real(out, value.as_real()); return;
    case Value::Kind::object: append_object(out, value.members()); return;
    case Value::Kind::array:
      out += '[';
      for (const Value& each : value.elements()) {
        append_canonical(out, each);
        out += ',';
      }
      out += ']';
      return;
    default: base::append_json(out, value);
  }
}

bool is_integral(const Value& value) {
  if (value.is_integer()) return true;
  const double number = value.as_real();
  return value.is_number() && std::isfinite(number) && number == std::trunc(number);
}

bool deeper_than(const Value& value, int levels) {
  if (levels < 0) return true;
  for (const Value& each : value.elements())
    if (deeper_than(each, levels - 1)) return true;
  for (const Member& each : value.members())
    if (deeper_than(each.value, levels - 1)) return true;
  return false;
}

}  // namespace tachikoma::schema
