// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schema/leaf_checks.hpp"
#include "schema/node.hpp"

namespace tachikoma::schema {

/// Judges one value. Says only what is wrong at the ends: an object whose member does not fit is not
/// mentioned itself. Used once.
class Validator {
 public:
  /// Notes at most that many violations, the first.
  explicit Validator(std::size_t most) : most_(most) {}

  /// What does not fit.
  const std::vector<Violation>& validate(const Node& node, const Value& value);
  /// True when it was given up: too much work, or too deep. Then what was found says nothing.
  bool gave_up() const { return budget_.spent(); }

 private:
  using Violations = std::vector<Violation>;
  /// A way from the root to a value, to be spelled out only when something is wrong there.
  struct Path {
    const Path* parent;
    std::string_view name;
    std::size_t index;
    std::string pointer() const;
  };

  bool check(const Node& node, const Value& value, const Path* path);
  bool check_parts(const Node& node, const Value& value, const Path* path);
  bool check_items(const Node& node, const Value& array, const Path* path);
  bool check_members(const Node& node, const Value& object, const Path* path);
  bool check_member(const Node& node, const Member& member, const Path* path);
  bool check_name(const Node& names, const std::string& name, const Path* path);
  bool check_alternatives(const Node& node, bool only_one, const Value& value, const Path* path);
  bool check_condition(const Node& node, const Value& value, const Path* path);
  bool contains(const Node& node, const Value& array);
  /// As `check`, with what is wrong put into `into`, or nowhere when that is null.
  bool check_aside(const Node& node, const Value& value, const Path* path, Violations* into);
  bool report(const Node& node, const Path* path, Fault fault);
  bool report(Violation violation);

  const std::size_t most_;
  Budget budget_{2'000'000};
  std::size_t depth_ = 0;
  Violations found_;
  Violations* sink_ = &found_;
};

}  // namespace tachikoma::schema
