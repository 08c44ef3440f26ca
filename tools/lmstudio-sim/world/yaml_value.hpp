// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <yaml-cpp/yaml.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Converts a node to JSON: unquoted true, false, null and numbers keep their type, all other scalars are
/// strings. Nothing when it is deeper than 32 levels, as any cycle of aliases is, or has more than 100,000
/// nodes.
std::optional<JsonValue> yaml_value(const YAML::Node& node);

}  // namespace lmstudio_sim
