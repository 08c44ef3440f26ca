// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>

#include "http/json_value.hpp"
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

/// A key that a body on /api/v1 may have.
struct NativeField {
  const char* key;
  bool (JsonValue::*check)() const;  ///< null: its own reader checks it
  const char* expected;              ///< the type's name
  bool required = false;
};

/// What is wrong with a body: an unknown key, a value of another type, or a key that is missing.
std::optional<WireError> check_native_body(const JsonValue& body, std::span<const NativeField> fields);

}  // namespace lmstudio_sim
