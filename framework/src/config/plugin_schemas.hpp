// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "config/document.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::config {

/// Where the schemas of plugins come from. Loads no plugin.
class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  /// What the plugin with that component says of itself, and near names when there is none.
  virtual Result<PluginReport> find(std::string_view kind, std::string_view id) = 0;
};

/// What is wrong with a schema that a plugin brought: "can't be used: at '/type' …". Empty when nothing is.
std::string schema_fault(const Value& schema);

/// The host's schema with the settings of every plugin that `root` names in their places. A plugin that is
/// missing, or whose schema can't be honoured, is a problem; of its settings nothing more is then said.
Value complete_schema(const Node& root, SchemaSource& source, Problems& problems);

/// Moves what tools and monitors have under `settings` beside it, which is the same thing.
void unnest_settings(Node& root, Problems& problems);

}  // namespace tachikoma::config
