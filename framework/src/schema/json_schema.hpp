// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "schema/format.hpp"
#include "schema/violation.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// A JSON Schema, checked and ready to validate with. The application's or a plugin's own, never one that a
/// model wrote. Drafts 4, 6 (as far as 7 has it) and 7. Copies share it; validating is thread-safe.
class JsonSchema {
 public:
  /// Fails with `invalid_argument`, naming the place, for what is no schema, has a keyword that can't be
  /// honoured, or could make validation run away (cyclic references without progress, patterns of exponential
  /// cost, depth). Where `formats` are given, `format` is checked, and must be one of them.
  static Result<JsonSchema> compile(const Value& schema, const Formats& formats = {});

  /// Fails with `schema_violation`: the message says what is wrong in words that a model can act on, and
  /// `detail.pointer` where.
  Status validate(const Value& value) const;

  /// Everything that does not fit. Fails with `schema_violation` when that can't be told: the value is too
  /// deep, or takes too much work.
  Result<std::vector<Violation>> violations(const Value& value) const;

 private:
  struct Compiled;
  explicit JsonSchema(std::shared_ptr<const Compiled> compiled);
  Result<std::vector<Violation>> violations(const Value& value, std::size_t most) const;

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace tachikoma::schema
