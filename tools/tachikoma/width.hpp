// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// How much room text takes on a terminal. All texts are valid UTF-8.

namespace tachikoma::cli {

/// One character of a text, and its columns: 2 for East Asian wide ones and most emoji, 0 for what is drawn
/// over the character before it, and for a control character.
struct Character {
  std::string_view text;
  std::size_t columns = 0;
};

/// The first character of `text`, which is not empty.
Character first_character(std::string_view text);

/// The columns of a text on one line.
std::size_t columns_of(std::string_view text);

/// The longest beginning that fits into so many columns.
std::string_view fitting(std::string_view text, std::size_t columns);

/// `text` if it fits into so many columns; else its beginning and its end, with "…" between them.
std::string shortened(std::string_view text, std::size_t columns);

/// The lines of a text that is wrapped at words, each a part of `text`, at most so wide. Line feeds end
/// lines. A word that is wider than a line is broken, and text in wide characters anywhere between two of
/// them.
std::vector<std::string_view> wrapped(std::string_view text, std::size_t columns);

/// The same as text with line feeds: the further lines of each line have `indent` blanks more than that.
std::string wrapped_text(std::string_view text, std::size_t columns, std::size_t indent = 0);

}  // namespace tachikoma::cli
