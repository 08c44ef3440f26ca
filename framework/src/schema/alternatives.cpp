// SPDX-License-Identifier: MIT
#include "schema/alternatives.hpp"

#include <algorithm>
#include <utility>

#include "schema/wording.hpp"

namespace tachikoma::schema {
namespace {

using Violations = std::vector<Violation>;

constexpr std::size_t kMaxJoined = 8;

bool about(const std::string& pointer, const Violations& list) {
  return list.size() == 1 && list[0].pointer == pointer;
}

bool of_wrong_type(const std::string& pointer, const Violations& list) {
  return about(pointer, list) && list[0].fault.types;
}

// Makes it one fault for all: "must be a string or null", or "must be \"a\" or must be \"b\"".
void join(const std::vector<Violations>& alternatives, Fault& all) {
  all.but = alternatives[0][0].fault.but;
  TypeSet types = 0;
  std::vector<std::string> wishes;
  for (const Violations& each : alternatives) {
    types |= each[0].fault.types;
    if (!each[0].fault.types) wishes.push_back(each[0].fault.must);
  }
  if (types) wishes.insert(wishes.begin(), "must be " + type_names(types));
  for (std::size_t i = 0; i < std::min(wishes.size(), kMaxJoined); ++i)
    all.must += (i ? " or " : "") + wishes[i];
  if (wishes.size() > kMaxJoined) all.must += " or …";
  all.types = wishes.size() == 1 ? types : 0;
}

}  // namespace

Violations explain(std::vector<Violations> alternatives, Violation whole) {
  const std::string& pointer = whole.pointer;
  const auto is_about = [&](const Violations& list) { return about(pointer, list); };
  if (std::all_of(alternatives.begin(), alternatives.end(), is_about)) {
    join(alternatives, whole.fault);
    return {std::move(whole)};
  }
  const auto better = [&](const Violations& a, const Violations& b) {
    const bool a_type = of_wrong_type(pointer, a), b_type = of_wrong_type(pointer, b);
    return a_type != b_type ? b_type : a.size() < b.size();
  };
  return std::move(*std::min_element(alternatives.begin(), alternatives.end(), better));
}

}  // namespace tachikoma::schema
