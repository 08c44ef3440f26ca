// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/endpoint.hpp"

namespace lmstudio_sim {

/// A model on disk and one in memory, as the WebSocket shows them.
JsonValue model_info(const ModelSpec& model);
JsonValue instance_info(const ModelSpec& model, const Instance& instance);

/// True when a model belongs to this space ("llm" or "embedding").
bool is_of(std::string_view space, const ModelSpec& model);

/// The model on disk that a key refers to.
struct NamedModel {
  const ModelSpec* model = nullptr;
  std::vector<std::string> ambiguous = {};  ///< all matching keys, when there is more than one
};
std::variant<NamedModel, SdkError> find_model(SimulatorState& simulator, std::string_view space,
                                              std::string_view key);

/// The loaded instances of this space.
std::vector<Instance> loaded_in(SimulatorState& simulator, std::string_view space);
/// True when a value is a model specifier.
bool is_specifier(const JsonValue& specifier);
/// The loaded model that a specifier refers to.
std::variant<Served, SdkError> find_loaded(SimulatorState& simulator, std::string_view space,
                                           const JsonValue& specifier);
SdkError identifier_not_found(SimulatorState& simulator, std::string_view space, std::string_view identifier);

}  // namespace lmstudio_sim
