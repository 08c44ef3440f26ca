// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "tachikoma/generation.hpp"
#include "tachikoma/structured_output.hpp"

namespace tachikoma {

/// Runs one generation, including its tools, whose answer must fit a schema.
using AskForObject = std::function<Result<Reply>(TextRequest request, const DeltaCallback& on_delta)>;

/// As `Runtime::stream_object`; `on_partial` may be empty.
Result<ObjectReply<Value>> generate_object(const AskForObject& ask, TextRequest request, const Value& schema,
                                           const PartialCallback& on_partial);

/// Whether the answer has what fits the schema.
bool fits(const Value& schema, const Reply& reply);

}  // namespace tachikoma
