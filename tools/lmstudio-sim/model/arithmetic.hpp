// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// Works out a calculation in a text: "2 + 2 = 4" for "What's 2+2?". Supports two numbers with + - * / or a
/// word for it. Nothing when there is none.
std::optional<std::string> work_out(std::string_view text);

}  // namespace lmstudio_sim
