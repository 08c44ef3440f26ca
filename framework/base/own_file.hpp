// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tachikoma::base {

/// The file that contains this code: the program or, in a plugin, that plugin. Empty if it can't be found.
std::string own_file();

}  // namespace tachikoma::base
