// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lmstudio_sim {

/// Splits text into tokens: words with the space before them, runs of up to three digits, single punctuation
/// marks, single line breaks. Long words are split after 12 bytes, never inside a character. The tokens
/// together are the text; they point into it.
std::vector<std::string_view> tokenize(std::string_view text);

/// The number of tokens that `tokenize` returns.
std::size_t count_tokens(std::string_view text);

}  // namespace lmstudio_sim
