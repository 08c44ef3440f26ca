// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lmstudio_sim {

/// Cuts text into tokens that put together give the text again: words with the space before them,
/// runs of at most three digits, single punctuation marks, single line breaks. Long words are cut
/// after 12 bytes, never inside a character. The views point into `text`.
std::vector<std::string_view> tokenize(std::string_view text);

/// How many tokens `tokenize` makes.
std::size_t count_tokens(std::string_view text);

}  // namespace lmstudio_sim
