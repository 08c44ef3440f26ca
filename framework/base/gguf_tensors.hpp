// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/gguf.hpp"
#include "base/gguf_cursor.hpp"

namespace tachikoma::base {

/// Reads the list of `count` tensors, at which `cursor` stands, into `model`, whose metadata has been read.
/// The cursor fails if the numbers of a tensor would lie behind the end of the file: a download that was cut
/// off is found without loading it.
void read_tensors(GgufCursor& cursor, std::uint64_t count, GgufModel& model);

}  // namespace tachikoma::base
