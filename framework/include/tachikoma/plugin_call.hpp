// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/api.hpp"

namespace tachikoma {

/// A call into a plugin. Views of texts that live at least as long as the call.
struct PluginCall {
  std::string_view plugin = {};     ///< empty: there is no call
  std::string_view kind = {};       ///< "provider", "tool" or "monitor"; empty: the plugin is being loaded
  std::string_view component = {};  ///< as the configuration calls it
  std::string_view function = {};   ///< "chat"
};

/// What this thread is calling: for a program that reports a crash. May be called in a signal handler. Code
/// that the plugin has called in turn, such as a callback of yours, counts as the plugin's call; threads that
/// a plugin has started are unknown.
TACHIKOMA_API PluginCall current_plugin_call() noexcept;

}  // namespace tachikoma
