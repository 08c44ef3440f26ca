// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lmstudio_sim {

/// "did you mean 'models'?" when one of the known keys is close to an unknown one, else empty.
std::string suggest_key(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace lmstudio_sim
