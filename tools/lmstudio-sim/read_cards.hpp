// SPDX-License-Identifier: MIT
#pragma once

#include "script.hpp"
#include "yaml_reader.hpp"

namespace lmstudio_sim {

/// Reads the keys `replies` and `faults` of a script.
void read_cards(YamlMap& map, Cards& cards);

}  // namespace lmstudio_sim
