// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

namespace lmstudio_sim {

/// A unit vector for a text, always the same for the same text. The more words two texts share, the closer
/// their vectors. Ignores case and punctuation. All zeros for a text without words.
std::vector<double> embed(std::string_view text);

}  // namespace lmstudio_sim
