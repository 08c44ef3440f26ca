// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "call.hpp"
#include "generation.hpp"

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
/// The time before each token: the script's, else that of --speed.
std::chrono::microseconds token_delay(const Call& call, const ScriptedReply* scripted);
/// The prompt does not fit the context.
WireError context_error(std::int64_t context_length);

}  // namespace lmstudio_sim
