// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>

#include "http/json_value.hpp"
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

/// A key that a body of /api/v1 may contain.
struct NativeField {
  const char* key;
  bool (JsonValue::*check)() const;  ///< null: checked where it is read
  const char* expected;              ///< the type's name
  bool required = false;
};

/// The error of a body: an unknown key, a value of the wrong type, or a missing key.
std::optional<WireError> check_native_body(const JsonValue& body, std::span<const NativeField> fields);

}  // namespace lmstudio_sim
