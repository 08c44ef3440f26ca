// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "schema/format.hpp"
#include "schema/pattern.hpp"
#include "schema/violation.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

inline constexpr TypeSet kNull = 1, kBoolean = 2, kInteger = 4, kNumber = 8, kString = 16, kArray = 32,
                         kObject = 64, kAnyType = 127;

/// Values that are allowed: `enum` and `const`.
struct Choices {
  std::unordered_set<std::string> canonical;
  std::vector<Value> values;  ///< as the schema has them, for messages
};

/// A schema, or a schema inside one, with everything looked up. References are resolved: a node may be
/// reached in many ways, and from itself.
struct Node {
  struct Dependency {
    std::string member;  ///< when it is there…
    std::vector<std::string> required;
    const Node* schema = nullptr;  ///< … the object must fit this
  };

  std::string place;  ///< JSON pointer into the schema
  bool nothing_fits = false;
  TypeSet types = kAnyType;
  std::optional<Choices> enumeration, constant;

  std::optional<Value> minimum, maximum, above, below, multiple_of;
  std::optional<std::size_t> min_length, max_length, min_items, max_items, min_members, max_members;
  std::optional<Pattern> pattern;
  Formats::mapped_type format = nullptr;

  std::vector<const Node*> leading_items;
  const Node* other_items = nullptr;
  const Node* contains = nullptr;
  bool unique_items = false;

  std::map<std::string, const Node*, std::less<>> members;
  std::vector<std::pair<Pattern, const Node*>> pattern_members;
  const Node* other_members = nullptr;
  const Node* member_names = nullptr;
  std::vector<std::string> required;
  std::vector<Dependency> dependencies;

  std::vector<const Node*> all_of, any_of, one_of;
  const Node* excluded = nullptr;
  const Node* condition = nullptr;
  const Node* when_true = nullptr;
  const Node* when_false = nullptr;
};

/// A compiled schema: every node of it, the root first. Addresses stay.
using Graph = std::vector<std::unique_ptr<Node>>;

}  // namespace tachikoma::schema
