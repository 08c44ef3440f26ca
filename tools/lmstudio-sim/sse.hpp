// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "call.hpp"
#include "generation.hpp"

namespace lmstudio_sim {

/// How a route writes the chunks of its stream: JSON texts without the frame.
struct StreamFormat {
  std::function<std::string(const Piece&)> piece;
  std::string finish;
  std::string usage;  ///< empty when the client did not ask for it
};

/// Sends an answer token by token as server-sent events, at the generation's pace. Meets the call's
/// fault, and stops when the client leaves.
void stream_answer(Call& call, const Generation& generation, const StreamFormat& format);

/// Takes the time that the answer takes and sends it as one body, with the same faults and stops.
void whole_answer(Call& call, const Generation& generation, const tachikoma::Value& body);

}  // namespace lmstudio_sim
