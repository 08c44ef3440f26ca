// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "schema/json_schema.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::tools {

/// Parses the arguments of a call to an object that fits the schema. Common slips of models are accepted:
/// nothing at all for an empty object, JSON text inside a JSON string, null for an optional member.
/// The error tells the model where the fault is.
Result<Value> read_arguments(std::string_view text, const schema::JsonSchema& schema,
                             const Value& parameters);

}  // namespace tachikoma::tools
