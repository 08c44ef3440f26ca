// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "config/document.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::config {

/// The source of plugins' schemas. Loads no plugin.
class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  /// The report on the plugin with that component; an error with similar names if there is none.
  virtual Result<PluginReport> find(std::string_view kind, std::string_view id) = 0;
};

/// What is wrong with a plugin's schema: "can't be used: at '/type' …". Empty if nothing is.
std::string schema_fault(const Value& schema);

/// The host's schema, or that for `root`, with the settings schemas of all plugins that `root` names. A
/// plugin that is missing, or whose schema can't be used, is a problem; its settings are then not checked.
Value complete_schema(Value host_schema, const Node& root, SchemaSource& source, Problems& problems);

/// Moves the keys under `settings` of tools and monitors one level up, which means the same.
void unnest_settings(Node& root, Problems& problems);

/// Makes a provider's `replay: file` the object `replay: {file: …}`, which means the same.
void unfold_replay(Node& root);

}  // namespace tachikoma::config
