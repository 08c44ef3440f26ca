// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

struct DiagnosisOptions {
  /// The model to examine; empty: the one in use.
  std::string model = {};
  /// Load the model with its configured settings if it is not in memory, and unload it afterwards.
  bool load = false;
  /// Generate a few tokens, if the model is in memory, to measure its speed.
  bool measure = true;
};

/// The state of one provider. Every number names its source, or the reason why it is unknown.
struct Diagnosis {
  std::string provider = {};
  std::optional<Health> health = {};   ///< absent: the provider can't be used; the first finding says why
  std::string model = {};              ///< the instance that was examined; may be empty
  std::optional<bool> in_memory = {};  ///< whether a model is, or the chosen one; absent: not known
  std::string no_model = {};           ///< why `model` is empty
  Sourced<std::int64_t> context_length{};
  Sourced<std::int64_t> gpu_layers{};
  Sourced<std::int64_t> total_layers{};
  Sourced<std::int64_t> memory_bytes{};
  Sourced<double> tokens_per_second{};         ///< while generating
  Sourced<double> prompt_tokens_per_second{};  ///< while reading the prompt
  Sourced<std::chrono::nanoseconds> time_to_first_token{};
  /// Worst first, and causes before their consequences. Empty: nothing is wrong.
  std::vector<Finding> findings = {};
};

/// The published JSON forms (docs/json.md).
TACHIKOMA_API Value to_value(const Health& health);
TACHIKOMA_API Value to_value(const Finding& finding);
TACHIKOMA_API Value to_value(const Diagnosis& diagnosis);

}  // namespace tachikoma
