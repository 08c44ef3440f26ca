// SPDX-License-Identifier: MIT
#include "model/thinking.hpp"

#include <algorithm>

namespace lmstudio_sim {
namespace {

std::string listed(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += (text.empty() ? "'" : ", '") + option + "'";
  return text.empty() ? "none" : text;
}

}  // namespace

ReasoningMarks marks_of(ReasoningDialect dialect) {
  switch (dialect) {
    case ReasoningDialect::think_tags: return {"<think>", "</think>\n\n"};
    case ReasoningDialect::think_tags_unopened: return {"", "</think>\n\n"};
    case ReasoningDialect::harmony:
      return {"<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"};
    default: return {"", ""};
  }
}

Effort choose_effort(const ModelSpec& model, std::string_view requested) {
  const std::vector<std::string>& options = model.reasoning_options;
  if (requested == "none" || (options.empty() && requested.empty())) return {"off", ""};
  if (std::ranges::find(options, requested) != options.end()) return {std::string(requested), ""};
  Effort effort{options.empty() ? "off" : model.reasoning_default, ""};
  if (!requested.empty())
    effort.note = "Reasoning setting '" + std::string(requested) + "' is not supported by model \"" +
                  model.key + "\". Supported settings: " + listed(options) + ". Falling back to '" +
                  effort.setting + "'.";
  return effort;
}

std::string elaborate(std::string thought, const Effort& effort) {
  if (effort.setting == "medium" || effort.setting == "high")
    thought += " Let me look at it from another angle: nothing contradicts it.";
  if (effort.setting == "high") thought += " Let me check once more. It still holds, so I can answer.";
  return thought;
}

bool is_in_content(ReasoningDialect dialect) {
  return dialect == ReasoningDialect::think_tags || dialect == ReasoningDialect::think_tags_unopened ||
         dialect == ReasoningDialect::harmony;
}

void mark_reasoning(std::vector<Piece>& pieces, ReasoningDialect dialect, bool complete) {
  const auto is_reasoning = [](const Piece& piece) { return piece.kind == Piece::Kind::reasoning; };
  const auto first = std::ranges::find_if(pieces, is_reasoning);
  if (first == pieces.end()) return;
  const auto last = std::find_if_not(first, pieces.end(), is_reasoning);
  const auto [open, close] = marks_of(dialect);
  first->text.insert(0, open);
  if (complete) std::prev(last)->text += close;
}

}  // namespace lmstudio_sim
