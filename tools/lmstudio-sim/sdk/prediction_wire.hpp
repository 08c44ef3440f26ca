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

  /// With `parsed`, reasoning is separate from the answer; otherwise it is part of the text, with its marks.
  PredictionWire(const Generation& generation, bool parsed) : generation_(generation), parsed_(parsed) {}

  /// The messages for the next piece.
  Messages piece(const Piece& piece);
  /// The messages after the last piece.
  Messages end();

 private:
  void close(Messages& into);
  void open(const Piece& piece, Messages& into);
  JsonValue call_end(const ToolCall& call) const;
  JsonValue fragment(std::string_view content, std::string_view type, std::int64_t tokens) const;

  const Generation& generation_;
  const bool parsed_;
  std::optional<Piece> open_ = {};  // the first piece of the current reasoning or call
};

}  // namespace lmstudio_sim
