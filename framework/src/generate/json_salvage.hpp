// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/generation.hpp"

namespace tachikoma {

/// JSON found in a reply.
struct FoundJson {
  Value value;
  std::string notice;  ///< where it was, in a sentence; empty when it is the whole answer
};

/// Candidates for the requested object, the likeliest first: the whole answer, code fences in
/// it, objects and arrays between other text; then the same in the reasoning, where some servers put it.
std::vector<FoundJson> find_json(const Reply& reply);

}  // namespace tachikoma
