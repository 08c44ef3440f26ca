// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tachikoma/plugin/value.hpp>

namespace tachikoma::cli {

/// A value as the configuration's reader reads it back: "${" would be a variable.
std::string yaml_value(const Value& value);

/// A key likewise: quoted, unless it is a simple word.
std::string yaml_key(const std::string& key);

}  // namespace tachikoma::cli
