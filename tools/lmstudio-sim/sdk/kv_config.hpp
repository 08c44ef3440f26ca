// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// The fields of a KV config, {"fields":[{"key","value"}]}, as an object. Nothing when it is malformed.
std::optional<JsonValue> read_kv_config(const JsonValue& config);
/// The fields of all layers of a stack, {"layers":[{"layerName","config"}]}; the first layer that has a key
/// wins. Nothing when it is malformed.
std::optional<JsonValue> read_kv_stack(const JsonValue& stack);
/// An object as a KV config.
JsonValue kv_config(const JsonValue& fields);

}  // namespace lmstudio_sim
