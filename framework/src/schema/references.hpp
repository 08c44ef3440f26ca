// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::schema {

/// Resolves `reference` against `base`, as far as schemas need RFC 3986: dot segments stay.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// Resolves the references of one schema document. Nothing is ever fetched.
class References {
 public:
  explicit References(const Value& root) : root_(root) {}

  /// Records a schema with an identifier; returns the base for its subschemas.
  std::string note_id(std::string_view base, std::string_view id, const Value& schema);

  /// The target of a reference: `schema`, and the base that applies there.
  struct Target {
    const Value* schema;
    std::string base;
    std::string pointer;  ///< within the document of that base
  };
  /// Fails with `invalid_argument` if it is not in this document.
  Result<Target> find(std::string_view base, std::string_view reference) const;

 private:
  const Value& root_;
  std::map<std::string, const Value*, std::less<>> schemas_;  // by absolute identifier, without an empty '#'
};

}  // namespace tachikoma::schema
