// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "schema/node.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// How much work a validation may still do. What a schema and a value can cost together has no useful
/// bound: alternatives multiply.
class Budget {
 public:
  explicit Budget(std::size_t steps) : left_(steps) {}
  /// False when there is not that much left.
  bool spend(std::size_t steps) {
    spent_ = spent_ || steps > left_;
    left_ -= spent_ ? 0 : steps;
    return !spent_;
  }
  bool spent() const { return spent_; }

 private:
  std::size_t left_;
  bool spent_ = false;
};

/// Everything that `node` says about `value` itself, without the schemas inside.
std::vector<Fault> check_leaf(const Node& node, const Value& value, Budget& budget);

}  // namespace tachikoma::schema
