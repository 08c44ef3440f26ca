// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tachikoma/plugin/value.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::config {

/// The schema of a configuration file with the settings of these plugins, in JSON Schema as editors know it
/// (draft 7): without our own keywords, and with what our reader takes besides: `${NAME}` in place of any
/// value, and numbers for durations and sizes.
Value editor_schema(const std::vector<PluginReport>& plugins);

}  // namespace tachikoma::config
