// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// The `response_format` that requests an answer by a JSON Schema. It is strict if the server accepts that:
/// everywhere with `strict_takes_any_schema`, else only for a schema that OpenAI's strict mode does not
/// refuse.
Value response_format(const Value& schema, bool strict_takes_any_schema);

}  // namespace tachikoma::kit
