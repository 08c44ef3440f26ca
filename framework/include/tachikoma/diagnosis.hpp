// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

struct DiagnosisOptions {
  /// The model to look at; empty: the one in use.
  std::string model = {};
  /// Load it for this, as the configuration says, where it is not in memory, and take it out afterwards.
  bool load = false;
  /// Generate a few tokens with it, when it is in memory, to measure its speed.
  bool measure = true;
};

/// How one provider does. Every number says where it is from, or why there is none.
struct Diagnosis {
  std::string provider;
  std::optional<Health> health = {};  ///< absent: it can't be used; the first finding says why
  std::string model = {};             ///< the instance that was looked at; empty: none is in memory
  Sourced<std::int64_t> context_length{};
  Sourced<std::int64_t> gpu_layers{};
  Sourced<std::int64_t> total_layers{};
  Sourced<std::int64_t> memory_bytes{};
  Sourced<double> tokens_per_second{};         ///< while generating
  Sourced<double> prompt_tokens_per_second{};  ///< while reading the prompt
  Sourced<std::chrono::nanoseconds> time_to_first_token{};
  /// The worst first, and a cause before its consequences. Empty: nothing is wrong.
  std::vector<Finding> findings = {};
};

/// The published JSON forms (docs/json.md).
Value to_value(const Health& health);
Value to_value(const Finding& finding);
Value to_value(const Diagnosis& diagnosis);

}  // namespace tachikoma
