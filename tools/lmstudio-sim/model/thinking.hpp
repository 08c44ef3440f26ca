// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "model/generated_answer.hpp"
#include "world/script.hpp"

namespace lmstudio_sim {

/// How hard a model thinks about one request.
struct Effort {
  std::string setting;  ///< one of the model's options; "off": not at all
  std::string note;     ///< what LM Studio logs when the requested effort is not available
};

/// Chooses the model's setting for the requested `reasoning_effort`; empty: the default. A setting that the
/// model does not have is ignored with a note, as LM Studio does.
Effort choose_effort(const ModelSpec& model, std::string_view requested);

/// The writer's reasoning, longer with more effort.
std::string elaborate(std::string thought, const Effort& effort);

/// True for the dialects that put reasoning into the content.
bool is_in_content(ReasoningDialect dialect);

/// What the model writes before and after its reasoning; empty: nothing.
struct ReasoningMarks {
  std::string_view open, close;
};
ReasoningMarks marks_of(ReasoningDialect dialect);

/// Puts the marks of a dialect around the reasoning, the last one only if the reasoning is `complete`.
void mark_reasoning(std::vector<Piece>& pieces, ReasoningDialect dialect, bool complete);

}  // namespace lmstudio_sim
