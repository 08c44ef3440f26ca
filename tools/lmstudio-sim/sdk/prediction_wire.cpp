// SPDX-License-Identifier: MIT
#include "sdk/prediction_wire.hpp"

#include "http/json_value.hpp"
#include "model/reply.hpp"
#include "model/thinking.hpp"

namespace lmstudio_sim {

using Kind = Piece::Kind;

namespace {

// What the model writes around its reasoning, whichever field the other surfaces use for it.
ReasoningMarks own_marks(ReasoningDialect dialect) {
  if (dialect == ReasoningDialect::reasoning) return marks_of(ReasoningDialect::harmony);
  if (dialect == ReasoningDialect::reasoning_content) return marks_of(ReasoningDialect::think_tags);
  return marks_of(dialect);
}

// True when the piece belongs to the same group as the open one.
bool continues(const Piece& open, const Piece& piece) {
  if (open.kind == Kind::reasoning) return piece.kind == Kind::reasoning;
  return piece.kind == Kind::arguments && piece.call == open.call;
}

}  // namespace

JsonValue PredictionWire::fragment(std::string_view content, std::string_view type,
                                   std::int64_t tokens) const {
  return JsonValue::object({{"type", "fragment"},
                            {"fragment", JsonValue::object({{"content", content},
                                                            {"tokensCount", tokens},
                                                            {"containsDrafted", false},
                                                            {"reasoningType", parsed_ ? type : "none"},
                                                            {"isStructural", false}})}});
}

// The parsed call, or why it can't be parsed.
JsonValue PredictionWire::call_end(const ToolCall& call) const {
  const std::string raw = call_text(call, {.tag_text = true});
  const auto arguments = parse_json(call.arguments);
  if (!arguments || !arguments->is_object()) {
    const std::string title = std::string("Failed to parse tool call: the arguments are not ") +
                              (arguments ? "a JSON object" : "valid JSON");
    return JsonValue::object({{"type", "toolCallGenerationFailed"},
                              {"error", JsonValue::object({{"title", title}, {"rootTitle", title}})},
                              {"rawContent", raw}});
  }
  JsonValue request =
      JsonValue::object({{"type", "function"}, {"name", call.name}, {"arguments", *arguments}});
  if (!generation_.quirks.no_ids) request.set("id", generation_.quirks.empty_ids ? "" : call.id);
  return JsonValue::object(
      {{"type", "toolCallGenerationEnd"}, {"toolCallRequest", std::move(request)}, {"rawContent", raw}});
}

void PredictionWire::close(Messages& into) {
  if (!open_) return;
  if (open_->kind == Kind::call)
    into.push_back(call_end(generation_.calls[open_->call]));
  else if (const std::string_view mark = own_marks(generation_.dialect).close; !mark.empty())
    into.push_back(fragment(mark, "reasoningEndTag", 0));
  open_.reset();
}

void PredictionWire::open(const Piece& piece, Messages& into) {
  open_ = piece;
  if (piece.kind == Kind::reasoning) {
    if (const std::string_view mark = own_marks(generation_.dialect).open; !mark.empty())
      into.push_back(fragment(mark, "reasoningStartTag", 0));
    return;
  }
  JsonValue start = JsonValue::object({{"type", "toolCallGenerationStart"}});
  const ToolCall& call = generation_.calls[piece.call];
  if (!generation_.quirks.no_ids) start.set("toolCallId", generation_.quirks.empty_ids ? "" : call.id);
  into.push_back(std::move(start));
  into.push_back(JsonValue::object({{"type", "toolCallGenerationNameReceived"}, {"name", call.name}}));
}

PredictionWire::Messages PredictionWire::piece(const Piece& piece) {
  Messages messages;
  if (open_ && !continues(*open_, piece)) close(messages);
  if (!open_ && (piece.kind == Kind::reasoning || piece.kind == Kind::call)) open(piece, messages);
  switch (piece.kind) {
    case Kind::reasoning: messages.push_back(fragment(piece.text, "reasoning", 1)); break;
    case Kind::content: messages.push_back(fragment(piece.text, "none", 1)); break;
    case Kind::call: break;
    case Kind::arguments:
      messages.push_back(JsonValue::object(
          {{"type", "toolCallGenerationArgumentFragmentGenerated"}, {"content", piece.text}}));
  }
  return messages;
}

PredictionWire::Messages PredictionWire::end() {
  Messages messages;
  const bool cut_off = open_ && open_->kind == Kind::reasoning && generation_.finish == "length";
  if (!cut_off) close(messages);
  return messages;
}

}  // namespace lmstudio_sim
