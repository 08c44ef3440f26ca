// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tachikoma::testing {

/// Compares text for people with tests/golden/<name>; a difference fails the test and shows both.
/// With TACHIKOMA_ACCEPT=1 in the environment the file is written instead, to be reviewed as a diff.
void check_golden(std::string_view name, std::string_view actual);

/// `text` with every occurrence of `from` replaced: removes ports and folders before comparing.
std::string replace_all(std::string text, std::string_view from, std::string_view to);

}  // namespace tachikoma::testing
