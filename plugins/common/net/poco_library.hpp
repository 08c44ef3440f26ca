// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// The address of a function of `libtachikoma-poco.so`, which holds what POCO does for the kit: TLS,
/// WebSockets, redirects, dates. Most programs talk over plain HTTP to a server on this machine, and start
/// several times as fast without it; so it is opened when it is first needed, and stays open. It lies beside
/// the plugin, and is trusted only as a plugin is. Fails with `plugin_refused`. [thread-safe]
Result<void*> poco_symbol(const std::string& name);

}  // namespace tachikoma::kit
