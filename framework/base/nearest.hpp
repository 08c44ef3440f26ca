// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::base {

/// The candidates that `name` is probably a typo of, nearest first, at most `limit`. Case does not
/// count; a candidate that contains the name, or is contained in it, counts as near. The work is bounded,
/// because what people or servers send can be of any size: what would take more is not looked at.
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates,
                                 std::size_t limit = 3);

/// "did you mean 'a' or 'b'?" for the hint of an error; empty when there is no candidate.
std::string did_you_mean(const std::vector<std::string>& near);

}  // namespace tachikoma::base
