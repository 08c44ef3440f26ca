// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

namespace lmstudio_sim {

/// A unit vector of the text's words: the same for the same text, and nearer the more words two texts
/// share. Case and punctuation don't count. All zeros only for a text without words.
std::vector<double> embed(std::string_view text);

}  // namespace lmstudio_sim
