// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace lmstudio_sim {

/// The settings of a prediction as LM Studio's WebSocket has them: the model's own, and over them those of a
/// request. Keys are without their "llm.prediction.".
class PredictionConfig {
 public:
  /// `stack` is the request's; null: none. An unknown key and a value of another form are dropped, silently,
  /// as LM Studio does.
  explicit PredictionConfig(const tachikoma::Value& stack = {});

  const tachikoma::Value& get(std::string_view key) const;
  /// What a checkbox holds; null when it is not checked.
  const tachikoma::Value& checked(std::string_view key) const;
  /// The effort that a field of the model's own asks for; empty: none does.
  const std::string& reasoning_effort() const { return effort_; }
  /// All of it, in force: {"fields": [{"key", "value"}, …]}.
  tachikoma::Value fields() const;

 private:
  tachikoma::Value settings_;  // by the whole key
  std::string effort_;
};

}  // namespace lmstudio_sim
