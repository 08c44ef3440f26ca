// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// Converts a checked `load` section to load settings.
LoadSettings read_load(const Value& checked);

}  // namespace tachikoma::config
