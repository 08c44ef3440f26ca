// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/generated_answer.hpp"

namespace lmstudio_sim {

/// Writes an answer as the messages of a prediction's channel.
class PredictionWire {
 public:
  using Messages = std::vector<JsonValue>;

  /// `parsed`: reasoning is told from the answer; else it stands in the text, with its marks.
  PredictionWire(const Generation& generation, bool parsed) : generation_(generation), parsed_(parsed) {}

  /// What the next piece says, and what it ends.
  Messages piece(const Piece& piece);
  /// What is left to say behind the last.
  Messages end();

 private:
  void close(Messages& into);
  void open(const Piece& piece, Messages& into);
  JsonValue call_end(const ToolCall& call) const;
  JsonValue fragment(std::string_view content, std::string_view type, std::int64_t tokens) const;

  const Generation& generation_;
  const bool parsed_;
  std::optional<Piece> open_ = {};  // the first piece of the reasoning or the call that goes on
};

}  // namespace lmstudio_sim
