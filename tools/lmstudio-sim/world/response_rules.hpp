// SPDX-License-Identifier: MIT
#pragma once

#include "world/script.hpp"
#include "world/yaml_reader.hpp"

namespace lmstudio_sim {

/// Reads the name of a dialect at `key`.
std::optional<ReasoningDialect> read_dialect(YamlMap& map, const char* key);

/// Reads the keys `replies`, `faults` and `hold` of a script.
void read_response_rules(YamlMap& map, ResponseRules& rules);

}  // namespace lmstudio_sim
