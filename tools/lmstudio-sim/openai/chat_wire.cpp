// SPDX-License-Identifier: MIT
#include "openai/chat_wire.hpp"

#include "http/json_value.hpp"
#include "model/thinking.hpp"

namespace lmstudio_sim {

using Kind = Piece::Kind;

namespace {

const char* reasoning_field(const Generation& generation) {
  return generation.dialect == ReasoningDialect::reasoning ? "reasoning" : "reasoning_content";
}

// The start of every chunk; its choices and the closing brace follow.
std::string chunk_head(const CompletionHead& head) {
  std::string json = to_json(JsonValue::object({{"id", head.id},
                                                {"object", "chat.completion.chunk"},
                                                {"created", head.created},
                                                {"model", head.model},
                                                {"system_fingerprint", head.model}}));
  json.back() = ',';
  return json;
}

JsonValue arguments_of(const ToolCall& call, const ToolQuirks& quirks) {
  if (quirks.arguments_object)
    if (auto object = parse_json(call.arguments)) return std::move(*object);
  return call.arguments;
}

void set_id(JsonValue& entry, const ToolCall& call, const ToolQuirks& quirks) {
  if (!quirks.no_ids) entry.set("id", quirks.empty_ids ? "" : call.id);
}

// A fragment of a call: the first has id and name, the later ones a piece of the arguments.
JsonValue call_fragment(const Piece& piece, const ToolCall& call, const ToolQuirks& quirks) {
  JsonValue entry = JsonValue::object({{"index", static_cast<std::int64_t>(piece.call)}});
  JsonValue function = JsonValue::object();
  if (piece.kind == Kind::call) {
    set_id(entry, call, quirks);
    entry.set("type", "function");
    function.set("name", call.name);
    function.set("arguments", quirks.arguments_object ? arguments_of(call, quirks) : JsonValue(""));
  } else {
    if (quirks.names_repeated) function.set("name", call.name);
    if (quirks.names_empty) function.set("name", "");
    function.set("arguments", piece.text);
  }
  entry.set("function", std::move(function));
  return entry;
}

JsonValue whole_calls(const Generation& generation) {
  JsonValue calls = JsonValue::array();
  for (const ToolCall& call : generation.calls) {
    JsonValue entry = JsonValue::object({{"type", "function"}});
    set_id(entry, call, generation.quirks);
    entry.set("function",
              JsonValue::object({{"name", call.name}, {"arguments", arguments_of(call, generation.quirks)}}));
    calls.push_back(std::move(entry));
  }
  return calls;
}

JsonValue message_of(const Generation& generation) {
  JsonValue message = JsonValue::object({{"role", "assistant"}});
  const std::string content = generation.text(Kind::content), reasoning = generation.text(Kind::reasoning);
  if (is_in_content(generation.dialect)) {
    message.set("content", reasoning + content);
  } else {
    if (!content.empty() || generation.calls.empty()) message.set("content", content);
    if (!reasoning.empty()) message.set(reasoning_field(generation), reasoning);
  }
  message.set("tool_calls", whole_calls(generation));
  return message;
}

JsonValue stats_of(const CompletionHead& head, const Generation& generation) {
  if (head.draft_model.empty()) return JsonValue::object();
  const DraftCounts draft = draft_counts(static_cast<std::int64_t>(generation.pieces.size()));
  return JsonValue::object({{"draft_model", head.draft_model},
                            {"total_draft_tokens_count", draft.total},
                            {"accepted_draft_tokens_count", draft.accepted},
                            {"rejected_draft_tokens_count", draft.rejected},
                            {"ignored_draft_tokens_count", 0}});
}

}  // namespace

StreamFormat chat_stream_format(const CompletionHead& head, const Generation& generation,
                                bool include_usage) {
  const std::string start = chunk_head(head);
  StreamFormat format;
  const bool tags = is_in_content(generation.dialect);
  format.piece = [&generation, start, tags, field = reasoning_field(generation)](const Piece& piece) {
    std::string json = start + R"("choices":[{"index":0,"delta":{"role":"assistant",")";
    if (piece.kind == Kind::call || piece.kind == Kind::arguments) {
      const JsonValue fragment = call_fragment(piece, generation.calls[piece.call], generation.quirks);
      json += "tool_calls\":" + to_json(JsonValue::array({fragment}));
    } else {
      json += piece.kind == Kind::reasoning && !tags ? field : "content";
      json += "\":";
      json += json_string(piece.text);
    }
    return data_frame(json + R"(},"logprobs":null,"finish_reason":null}]})");
  };
  std::string end =
      data_frame(start + R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":")" +
                 generation.finish + "\"}]}");
  if (include_usage)
    end += data_frame(start + "\"choices\":[],\"usage\":" + to_json(usage_of(generation)) + "}");
  format.end = [end = end + data_frame("[DONE]")] { return end; };
  return format;
}

JsonValue chat_body(const CompletionHead& head, const Generation& generation) {
  JsonValue choice = JsonValue::object({{"index", 0},
                                        {"logprobs", nullptr},
                                        {"finish_reason", generation.finish},
                                        {"message", message_of(generation)}});
  return JsonValue::object({{"id", head.id},
                            {"object", "chat.completion"},
                            {"created", head.created},
                            {"model", head.model},
                            {"choices", JsonValue::array({std::move(choice)})},
                            {"usage", usage_of(generation)},
                            {"stats", stats_of(head, generation)},
                            {"system_fingerprint", head.model}});
}

}  // namespace lmstudio_sim
