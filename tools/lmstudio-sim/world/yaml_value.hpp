// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <yaml-cpp/yaml.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// A node as a JSON-shaped value: what JSON writes bare (true, null, numbers) keeps its type unless it
/// is quoted, all other scalars are strings. Nothing when it is deeper than 32 levels, which a cycle of
/// aliases always is, or has more than 100,000 nodes.
std::optional<JsonValue> yaml_value(const YAML::Node& node);

}  // namespace lmstudio_sim
