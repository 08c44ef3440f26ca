// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/generated_answer.hpp"
#include "openai/call.hpp"

namespace lmstudio_sim {

/// What the body and every chunk of a completion repeat.
struct CompletionHead {
  std::string id;
  std::int64_t created = 0;      ///< seconds since 1970
  std::string model;             ///< what `served_name` says
  std::string draft_model = {};  ///< empty: none
};

/// The model's name in the answer: the instance, or the lie of a `wrong_model` fault.
std::string served_name(const Call& call, const std::string& instance);
CompletionHead completion_head(const Call& call, const std::string& prefix, const std::string& instance);
/// Gives an answer its pace: the script's, else that of --speed.
void set_pace(Generation& generation, const Simulator& simulator, const ScriptedReply* scripted);
/// Never 0, so that one can divide by it.
double seconds_of(std::chrono::steady_clock::duration time);
/// Makes the counts as wrong as the script wants them.
void spoil_counts(Generation& generation, const Simulator& simulator);
/// Tells those who follow the log what the model is asked, and at the end what it answered.
void log_input(const Call& call, const Served& served, std::string_view prompt);
void log_output(const Call& call, const Served& served, const Generation& generation);
/// The prompt does not fit the context.
WireError context_error(std::int64_t context_length);

}  // namespace lmstudio_sim
