// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "chat_request.hpp"
#include "completion.hpp"
#include "routes.hpp"
#include "sse.hpp"
#include "tokenizer.hpp"
#include "writer.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

const char* reasoning_field(const ModelSpec& model) {
  return model.reasoning == ReasoningDialect::reasoning ? "reasoning" : "reasoning_content";
}

// Every chunk of a stream is this, its choices, and the closing brace.
std::string chunk_head(const CompletionHead& head) {
  std::string json = tachikoma::base::to_json(Value::object({{"id", head.id},
                                                             {"object", "chat.completion.chunk"},
                                                             {"created", head.created},
                                                             {"model", head.model},
                                                             {"system_fingerprint", head.model}}));
  json.back() = ',';
  return json;
}

StreamFormat chunk_format(const CompletionHead& head, const Generation& generation, const ModelSpec& model,
                          bool include_usage) {
  const std::string start = chunk_head(head);
  StreamFormat format;
  const bool tags = model.reasoning == ReasoningDialect::think_tags;
  format.piece = [start, tags, field = reasoning_field(model)](const Piece& piece) {
    std::string json = start + R"("choices":[{"index":0,"delta":{"role":"assistant",")";
    json += piece.reasoning && !tags ? field : "content";
    json += "\":";
    tachikoma::base::append_json_string(json, piece.text);
    return json + R"(},"logprobs":null,"finish_reason":null}]})";
  };
  format.finish = start + R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":")" +
                  generation.finish + "\"}]}";
  if (include_usage)
    format.usage = start + "\"choices\":[],\"usage\":" + tachikoma::base::to_json(generation.usage()) + "}";
  return format;
}

Value message_of(const Generation& generation, const ModelSpec& model) {
  Value message = Value::object({{"role", "assistant"}});
  const std::string reasoning = generation.text(true);
  if (model.reasoning == ReasoningDialect::think_tags) {
    message.set("content", reasoning + generation.text(false));
  } else {
    message.set("content", generation.text(false));
    if (!reasoning.empty()) message.set(reasoning_field(model), reasoning);
  }
  message.set("tool_calls", Value::array());
  return message;
}

Value body_of(const CompletionHead& head, const Generation& generation, const ModelSpec& model) {
  Value choice = Value::object({{"index", 0},
                                {"logprobs", nullptr},
                                {"finish_reason", generation.finish},
                                {"message", message_of(generation, model)}});
  return Value::object({{"id", head.id},
                        {"object", "chat.completion"},
                        {"created", head.created},
                        {"model", head.model},
                        {"choices", Value::array({std::move(choice)})},
                        {"usage", generation.usage()},
                        {"stats", Value::object()},
                        {"system_fingerprint", head.model}});
}

}  // namespace

void chat_completions(Call& call) {
  auto read = read_chat_request(call.body);
  if (const auto* error = std::get_if<WireError>(&read)) return call.fail(*error);
  const auto& request = std::get<ChatRequest>(read);
  const std::optional<Served> served = obtain_model(call, false);
  if (!served) return;
  const std::int64_t prompt = prompt_tokens(request.messages);
  if (prompt > served->instance.context_length)
    return call.fail(context_error(served->instance.context_length));

  const ModelSpec& model = *served->model;
  const ScriptedReply* scripted = call.simulator.deck.reply(call.facts());
  Generation generation =
      limit_answer(scripted ? scripted_answer(*scripted) : write_answer(model, request.messages),
                   request.settings.limits, model.reasoning);
  generation.prompt_tokens = prompt;
  generation.delay = token_delay(call, scripted);
  const CompletionHead head = completion_head(call, "chatcmpl-", served->instance.id);
  if (request.settings.stream)
    stream_answer(call, generation, chunk_format(head, generation, model, request.settings.include_usage));
  else
    whole_answer(call, generation, body_of(head, generation, model));
}

}  // namespace lmstudio_sim
