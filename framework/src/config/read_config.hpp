// SPDX-License-Identifier: MIT
#pragma once

#include "config/schema_check.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::config {

/// Converts a checked tree to a configuration. Fills in what one part takes from another: a provider's
/// plugin, a model's provider and key.
Config read_config(Checked checked);

}  // namespace tachikoma::config
