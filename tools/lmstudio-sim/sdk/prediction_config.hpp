// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// The settings of a prediction as LM Studio's WebSocket has them: the model's own, and over them those of a
/// request. Keys are without their "llm.prediction.".
class PredictionConfig {
 public:
  /// `stack` is the request's; null: none. An unknown key and a value of another form are dropped, silently,
  /// as LM Studio does.
  explicit PredictionConfig(const JsonValue& stack = {});

  const JsonValue& get(std::string_view key) const;
  /// What a checkbox holds; null when it is not checked.
  const JsonValue& checked(std::string_view key) const;
  /// The effort that a field of the model's own asks for; empty: none does.
  const std::string& reasoning_effort() const { return effort_; }
  /// All of it, in force: {"fields": [{"key", "value"}, …]}.
  JsonValue fields() const;

 private:
  JsonValue settings_;  // by the whole key
  std::string effort_;
};

}  // namespace lmstudio_sim
