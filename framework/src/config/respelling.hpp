// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "config/source_text.hpp"

namespace tachikoma::config {

/// A text with what people write in YAML's inline form, and YAML can't read, spelled as it can be read.
struct Respelling {
  std::string text;
  Edits edits;  ///< empty: nothing had to be changed
};

/// Within `[…]` and `{…}` a value with `${…}` gets the quotes that it needs there; in double quotes two
/// halves of a character, as JSON writes it ("\ud83d\ude00"), become one.
Respelling respell(std::string_view text);

}  // namespace tachikoma::config
