// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// A text of a JSON Schema format: "date", "email", "uuid"…; nothing for a format that is not known.
std::optional<std::string> text_of_format(std::string_view format);

/// The shortest text that a plain regular expression matches: literals, classes, groups, the first of
/// several alternatives, quantifiers, anchors. What it does not know is taken literally.
std::string text_for_pattern(std::string_view pattern);

/// The text, repeated or cut until it has at least and at most so many characters.
std::string text_of_length(std::string text, std::int64_t min, std::int64_t max);

}  // namespace lmstudio_sim
