// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tachikoma::base {

/// With so many digits behind the point: "2.5".
std::string decimal(double number, int digits = 1);

}  // namespace tachikoma::base
