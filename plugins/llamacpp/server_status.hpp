// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::llamacpp {

/// What a running server says of itself, entered into a status. Replies that are missing leave their fields
/// without a source.
void read_slots(const Value& slots, ModelStatus& status);          ///< of GET /slots, an array
void read_metrics(std::string_view metrics, ModelStatus& status);  ///< of GET /metrics
void read_props(const Value& props, ModelStatus& status);          ///< of GET /props

}  // namespace tachikoma::llamacpp
