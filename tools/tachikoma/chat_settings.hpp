// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::cli {

/// The settings that /set changes.
std::vector<std::string> setting_names();

/// What /reasoning takes, in the order of `Think`.
inline constexpr std::array<std::string_view, 3> kReasoningWords{"hide", "show", "only"};

}  // namespace tachikoma::cli
