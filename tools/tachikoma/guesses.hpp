// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma::cli {

/// What other programs call a verb.
struct Guess {
  std::string_view word;
  std::string_view verb;       ///< that does the same; empty: none does
  std::string_view hint = {};  ///< then what to type instead
};

/// Null if it is no such word.
const Guess* find_guess(std::string_view word);

}  // namespace tachikoma::cli
