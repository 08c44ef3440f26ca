// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "model/generated_answer.hpp"
#include "openai/call.hpp"

namespace lmstudio_sim {

/// How a route writes its stream; each text is one or more frames.
struct StreamFormat {
  std::function<std::string(const Piece&)> piece;
  std::function<std::string()> end;
  std::function<std::string(const JsonValue&)> error = {};  ///< empty: OpenAI's format
};

/// A frame without an event: "data: …".
std::string data_frame(std::string_view json);

/// Sends an answer token by token as server-sent events at the generation's pace, on the current stream or a
/// new one. Applies the call's fault, and stops when the client leaves.
void stream_answer(Call& call, const Generation& generation, const StreamFormat& format);

/// Waits as long as the answer takes and sends it as one body; faults and stops are the same.
void whole_answer(Call& call, const Generation& generation, const std::function<JsonValue()>& body);

}  // namespace lmstudio_sim
