// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "plugins/component_host.hpp"
#include "plugins/guard.hpp"
#include "plugins/registrar.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::plugins {

/// Makes a component and wraps it: every call through the result, through its capabilities too, passes
/// the guard, and the plugin's code stays in memory for as long as the result lives.
Result<std::shared_ptr<Provider>> make_guarded(Factory<Provider> factory, const Value& settings, Callee who,
                                               const HostServices& services);
Result<std::shared_ptr<Tool>> make_guarded(Factory<Tool> factory, const Value& settings, Callee who,
                                           const HostServices& services);
Result<std::shared_ptr<Monitor>> make_guarded(Factory<Monitor> factory, const Value& settings, Callee who,
                                              const HostServices& services);

}  // namespace tachikoma::plugins
