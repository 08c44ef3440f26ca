// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// What a changed file does to a runtime that is open.
struct Reload {
  /// A model that leaves memory as soon as no request uses it.
  struct Unload {
    std::string provider = {};
    std::string key = {};
    std::string reason = {};  ///< for people
  };

  std::vector<ConfigChange> changes = {};  ///< empty: nothing has changed
  std::vector<Unload> unloads = {};
  std::vector<std::string> warnings = {};  ///< settings that have no effect, each with its place
};

/// A line for each change, each model that leaves and each warning:
/// "models.chat.load.context_length: 8192 -> 16384". If nothing has changed, that says so.
TACHIKOMA_API std::vector<std::string> describe(const Reload& reload);

TACHIKOMA_API Value to_value(const Reload& reload);

}  // namespace tachikoma
