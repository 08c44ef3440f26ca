// SPDX-License-Identifier: MIT
#pragma once

#include "output.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Generates an answer and prints every step as one JSON object a line, in the form of docs/json.md:
/// `start` first and `end` last, when all goes well.
Result<Reply> stream_json(Runtime& runtime, TextRequest request, Output& output);

/// As above, for an answer that fits `schema`: `partial` lines with the object as it grows, and the whole one
/// in `end`.
Result<Reply> stream_object_json(Runtime& runtime, TextRequest request, const Value& schema, Output& output);

/// The last line of a stream that failed.
void print_stream_error(const Error& error, Output& output);

}  // namespace tachikoma::cli
