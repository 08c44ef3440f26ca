// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/generation.hpp"

namespace tachikoma {

/// JSON found in a reply.
struct FoundJson {
  Value value;
  std::string notice;  ///< where it was, in a sentence; empty when it is the whole answer
};

/// Candidates for the requested object, the likeliest first: the whole answer, code fences in
/// it, objects and arrays between other text. If there is no text at all, the same in the reasoning, where
/// some servers put the answer; beside a text, it only has drafts. None if the JSON is `too_deep`.
std::vector<FoundJson> find_json(const Reply& reply);

/// True if a text has JSON of more levels than can be read: what is within is not the answer.
bool too_deep(std::string_view text);

}  // namespace tachikoma
