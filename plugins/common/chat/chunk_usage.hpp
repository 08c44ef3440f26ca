// SPDX-License-Identifier: MIT
#pragma once

#include "common/chat/chunk_reader.hpp"
#include "common/chat/lenient_json.hpp"

namespace tachikoma::kit {

/// Reads a `usage`, under OpenAI's names of the counts or the newer ones. False when the JSON is broken.
/// Private to the chunk reader.
bool read_usage(Json& value, ChunkFacts& facts);

}  // namespace tachikoma::kit
