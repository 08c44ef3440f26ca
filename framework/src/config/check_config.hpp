// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "config/plugin_schemas.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// As `load_config`, from a text that is called `file`.
Result<Config> check_text(std::string_view text, const std::string& file, SchemaSource& source,
                          PluginRegistry* registry = nullptr);

/// As `load_config`, from a value in the form of a file; variables are not expanded. Errors
/// are named by their dotted path after `what`.
Result<Config> check_config(const Value& root, PluginRegistry& plugins, std::string_view what);
Result<Config> check_config(const Value& root, SchemaSource& source, std::string_view what,
                            PluginRegistry* registry = nullptr);

}  // namespace tachikoma::config
