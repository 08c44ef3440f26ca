// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// An example of a JSON Schema format ("date", "email", "uuid"…); nothing for an unknown format.
std::optional<std::string> text_of_format(std::string_view format);

/// The shortest text that a simple regular expression matches: literals, classes, groups, the first of
/// several alternatives, quantifiers, anchors. Anything else is taken literally.
std::string text_for_pattern(std::string_view pattern);

/// The text, repeated or cut so that it has between `min` and `max` characters.
std::string text_of_length(std::string text, std::int64_t min, std::int64_t max);

}  // namespace lmstudio_sim
