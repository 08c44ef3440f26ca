// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tachikoma::base {

/// The user's folder for what programs remember: "$XDG_STATE_HOME/tachikoma", else
/// "~/.local/state/tachikoma". It need not exist. Empty if neither variable is set to an absolute path.
std::string state_folder();

/// The user's folder for settings, likewise: "$XDG_CONFIG_HOME/tachikoma", else "~/.config/tachikoma".
std::string config_folder();

}  // namespace tachikoma::base
