// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "tachikoma/plugin/value.hpp"

namespace lmstudio_sim {

/// The fields of a KV config, {"fields":[{"key","value"}]}, as an object. Nothing when it is none.
std::optional<tachikoma::Value> read_kv_config(const tachikoma::Value& config);
/// The fields of all layers of a stack, {"layers":[{"layerName","config"}]}; the first layer that has a key
/// wins. Nothing when it is none.
std::optional<tachikoma::Value> read_kv_stack(const tachikoma::Value& stack);
/// An object as a KV config.
tachikoma::Value kv_config(const tachikoma::Value& fields);

}  // namespace lmstudio_sim
