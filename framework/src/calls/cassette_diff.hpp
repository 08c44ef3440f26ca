// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::calls {

/// What differs between what was recorded and what is asked, a line for each field:
/// `messages[0].text: recorded "Hello", asked "Hallo"`. Long texts are shown from where they differ.
std::vector<std::string> differences(const Value& recorded, const Value& asked);

}  // namespace tachikoma::calls
