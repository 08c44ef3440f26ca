// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "schema/json_schema.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::tools {

/// The arguments of a call, as an object that fits the schema. What models do to an object is accepted:
/// nothing at all for an empty one, JSON text within a JSON string, null for a member that may be left out.
/// The error tells the model where the fault is.
Result<Value> read_arguments(std::string_view text, const schema::JsonSchema& schema,
                             const Value& parameters);

}  // namespace tachikoma::tools
