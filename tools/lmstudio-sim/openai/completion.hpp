// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/generated_answer.hpp"
#include "openai/call.hpp"

namespace lmstudio_sim {

/// What the body and every chunk of a completion have in common.
struct CompletionHead {
  std::string id;
  std::int64_t created = 0;      ///< seconds since 1970
  std::string model;             ///< from `served_name`
  std::string draft_model = {};  ///< empty: none
};

/// The model's name in the answer: the instance, or the name from a `wrong_model` fault.
std::string served_name(const Call& call, const std::string& instance);
CompletionHead completion_head(const Call& call, const std::string& prefix, const std::string& instance);
/// Makes the token counts wrong if the script says so.
void apply_usage_quirks(Generation& generation, const SimulatorState& simulator);
/// The `usage` of a body.
JsonValue usage_of(const Generation& generation);
/// Log the prompt, and at the end the answer, for the followers of the log.
void log_input(const Call& call, const Served& served, std::string_view prompt);
void log_output(const Call& call, const Served& served, const Generation& generation);

}  // namespace lmstudio_sim
