// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "tachikoma/plugin/registrar.hpp"

namespace tachikoma {

/// What the one exported function of a plugin returns. A constant that lives as long as the library.
struct PluginEntry {
  std::uint32_t struct_size = sizeof(PluginEntry);
  Status (*register_components)(Registrar& registrar) = nullptr;
};

using EntryFunction = const PluginEntry* (*)();
inline constexpr char kEntrySymbol[] = "tachikoma_plugin_entry_0";

}  // namespace tachikoma

/// Defines the entry function of a plugin; followed by the body that registers its components:
///
///     TACHIKOMA_PLUGIN(registrar) { return registrar.provider("mine", make_component<Provider, Mine>); }
#define TACHIKOMA_PLUGIN(REGISTRAR)                                                   \
  static ::tachikoma::Status tachikoma_register_components(::tachikoma::Registrar&);  \
  extern "C" __attribute__((visibility("default"))) const ::tachikoma::PluginEntry*   \
  tachikoma_plugin_entry_0() {                                                        \
    static constexpr ::tachikoma::PluginEntry entry{sizeof(::tachikoma::PluginEntry), \
                                                    &tachikoma_register_components};  \
    return &entry;                                                                    \
  }                                                                                   \
  static ::tachikoma::Status tachikoma_register_components(::tachikoma::Registrar& REGISTRAR)
