// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// Parses one JSON text (RFC 8259, UTF-8, at most 64 levels deep). Fails with `protocol`.
TACHIKOMA_API Result<Value> parse_json(std::string_view text);

/// A value as JSON text: on one line, or with `indent` spaces per level.
TACHIKOMA_API std::string to_json(const Value& value, int indent = 0);

}  // namespace tachikoma
