// SPDX-License-Identifier: MIT
// What checks a configuration can ask a registry of plugins; fuzzers bring schemas of their own, and are
// linked without one.
#include <cstdlib>

#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

Status PluginRegistry::add_paths(const std::vector<std::string>&) { std::abort(); }
Status PluginRegistry::set_configured_paths(const std::vector<std::string>&) { std::abort(); }

std::vector<PluginReport> PluginRegistry::scan() { std::abort(); }

Result<PluginReport> PluginRegistry::find_component(std::string_view, std::string_view) { std::abort(); }

}  // namespace tachikoma
