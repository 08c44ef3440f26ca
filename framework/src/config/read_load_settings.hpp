// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// The load settings that a `load` section means, once it is checked.
LoadSettings read_load(const Value& checked);

}  // namespace tachikoma::config
