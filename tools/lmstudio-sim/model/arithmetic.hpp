// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// A calculation in a text, worked out: "2 + 2 = 4" for "What's 2+2?". Two numbers and + - * / or a
/// word for it. Nothing when the text has none, or it can't be worked out.
std::optional<std::string> work_out(std::string_view text);

}  // namespace lmstudio_sim
