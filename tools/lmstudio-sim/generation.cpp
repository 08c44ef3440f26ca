// SPDX-License-Identifier: MIT
#include "generation.hpp"

#include <algorithm>

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

// Where the first stop string begins in the content; npos when there is none.
std::size_t find_stop(const std::vector<Piece>& pieces, const std::vector<std::string>& stop) {
  std::string content;
  for (const Piece& piece : pieces)
    if (!piece.reasoning) content += piece.text;
  std::size_t first = std::string::npos;
  for (const std::string& each : stop)
    if (!each.empty()) first = std::min(first, content.find(each));
  return first;
}

// Keeps `length` bytes of the content and all reasoning.
void cut_content(std::vector<Piece>& pieces, std::size_t length) {
  std::erase_if(pieces, [&](Piece& piece) {
    if (piece.reasoning) return false;
    piece.text.resize(std::min(piece.text.size(), length));
    length -= piece.text.size();
    return piece.text.empty();
  });
}

void add_think_tags(std::vector<Piece>& pieces, bool complete) {
  const auto is_reasoning = [](const Piece& piece) { return piece.reasoning; };
  const auto first = std::ranges::find_if(pieces, is_reasoning);
  if (first == pieces.end()) return;
  const auto last = std::find_if_not(first, pieces.end(), is_reasoning);
  first->text.insert(0, "<think>");
  if (complete) std::prev(last)->text += "</think>\n\n";
}

}  // namespace

std::string Generation::text(bool reasoning) const {
  std::string text;
  for (const Piece& piece : pieces)
    if (piece.reasoning == reasoning) text += piece.text;
  return text;
}

Value Generation::usage() const {
  const auto completion = static_cast<std::int64_t>(pieces.size());
  return Value::object(
      {{"prompt_tokens", prompt_tokens},
       {"completion_tokens", completion},
       {"total_tokens", prompt_tokens + completion},
       {"completion_tokens_details", Value::object({{"reasoning_tokens", reasoning_tokens}})}});
}

Generation limit_answer(const Answer& answer, const Limits& limits, ReasoningDialect dialect) {
  Generation made;
  made.finish = answer.finish;
  if (dialect != ReasoningDialect::none)
    for (const std::string& token : answer.reasoning) made.pieces.push_back({true, token});
  for (const std::string& token : answer.content) made.pieces.push_back({false, token});
  if (limits.max_tokens && *limits.max_tokens < static_cast<std::int64_t>(made.pieces.size())) {
    made.pieces.resize(static_cast<std::size_t>(*limits.max_tokens));
    made.finish = "length";
  }
  if (const std::size_t stop = find_stop(made.pieces, limits.stop); stop != std::string::npos) {
    cut_content(made.pieces, stop);
    made.finish = "stop";
  }
  made.reasoning_tokens =
      std::ranges::count_if(made.pieces, [](const Piece& piece) { return piece.reasoning; });
  if (dialect == ReasoningDialect::think_tags)
    add_think_tags(made.pieces, made.reasoning_tokens == static_cast<std::int64_t>(answer.reasoning.size()));
  return made;
}

}  // namespace lmstudio_sim
