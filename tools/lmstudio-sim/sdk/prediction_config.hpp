// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// The settings of a prediction on LM Studio's WebSocket: the model's defaults, overridden by those of a
/// request. Keys are given without the prefix "llm.prediction.".
class PredictionConfig {
 public:
  /// `stack` is that of the request, or null. Unknown keys and invalid values are dropped silently, as LM
  /// Studio does.
  explicit PredictionConfig(const JsonValue& stack = {});

  const JsonValue& get(std::string_view key) const;
  /// The value of a checkbox; null when it is not checked.
  const JsonValue& checked(std::string_view key) const;
  /// The effort requested by a custom field of the model; empty: none.
  const std::string& reasoning_effort() const { return effort_; }
  /// All effective settings: {"fields": [{"key", "value"}, …]}.
  JsonValue fields() const;

 private:
  JsonValue settings_;  // by the whole key
  std::string effort_;
};

}  // namespace lmstudio_sim
