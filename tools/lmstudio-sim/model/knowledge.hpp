// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmstudio_sim {

/// What the simulator knows about a text in lower case: capitals, and a few subjects of examples.
std::optional<std::string> recall(std::string_view lower);

}  // namespace lmstudio_sim
