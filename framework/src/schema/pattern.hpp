// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::schema {

/// A regular expression of a schema, searched for in time linear in the text. Copies share it; thread-safe.
class Pattern {
 public:
  /// Fails with `invalid_argument` if it is not a valid expression, or needs more than linear time:
  /// look-around and back references.
  static Result<Pattern> compile(const std::string& source);

  bool found_in(std::string_view text) const;
  const std::string& source() const;
  /// The cost of a search in a text of that length, in the validator's steps.
  std::size_t cost(std::size_t length) const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace tachikoma::schema
