// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "conformance/subject.hpp"

namespace tachikoma::conformance {

/// Settings for each component of a plugin: those in the file, if one is named, checked against the schemas;
/// else what the schemas require, made up, with files in `folder`. Fails with `config_invalid`.
Result<std::vector<ComponentSettings>> find_settings(const PluginReport& report, const std::string& file,
                                                     const std::string& folder);

/// What a schema requires of an object, made up from it: defaults, the first of a choice, an address at which
/// nobody answers. Of `strings`, a text. Fails with `unsupported`, naming what can't be made up.
Result<Value> sample_of(const Value& schema, const std::string& folder);

}  // namespace tachikoma::conformance
