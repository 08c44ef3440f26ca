// SPDX-License-Identifier: MIT
#include "http/json_value.hpp"
#include "model/reply.hpp"
#include "model/word_tokens.hpp"
#include "openai/chat_body.hpp"
#include "openai/completion.hpp"
#include "openai/paced_answer.hpp"
#include "openai/routes.hpp"
#include "openai/v0_report.hpp"

namespace lmstudio_sim {

namespace {

JsonValue body_of(const CompletionHead& head, JsonValue choices) {
  return JsonValue::object({{"id", head.id},
                            {"object", "text_completion"},
                            {"created", head.created},
                            {"model", head.model},
                            {"choices", std::move(choices)}});
}

std::string chunk(const CompletionHead& head, std::string_view text, const JsonValue& finish) {
  return to_json(
      body_of(head, JsonValue::array({JsonValue::object(
                        {{"index", 0}, {"text", text}, {"logprobs", nullptr}, {"finish_reason", finish}})})));
}

StreamFormat chunk_format(const CompletionHead& head, const Generation& generation, bool include_usage) {
  StreamFormat format;
  format.piece = [head](const Piece& piece) { return data_frame(chunk(head, piece.text, nullptr)); };
  std::string end = data_frame(chunk(head, "", generation.finish));
  JsonValue usage = body_of(head, JsonValue::array());
  usage.set("usage", usage_of(generation));
  if (include_usage) end += data_frame(to_json(usage));
  format.end = [end = end + data_frame("[DONE]")] { return end; };
  return format;
}

}  // namespace

// Continues the prompt without a template, so there is no reasoning.
void completions(Call& call) {
  if (!call.body["prompt"].is_string()) return call.fail(plain_error(400, "'prompt' field is required"));
  auto read = read_settings(call.body);
  if (const auto* error = std::get_if<WireError>(&read)) return call.fail(*error);
  const auto& settings = std::get<RequestSettings>(read);
  const std::optional<Served> served = obtain_model(call, false);
  if (!served) return;
  ChatRequest request;
  request.messages.push_back({"user", call.text});
  const auto scripted = call.simulator.responses.next_reply(call.facts());
  Reply reply = reply_to(request, *served->model, {"off", ""}, scripted.get());
  reply.calls.clear();
  reply.dialect = ReasoningDialect::none;
  Generation generation = limit_reply(reply, settings.limits);
  generation.prompt_tokens = static_cast<std::int64_t>(count_tokens(call.text));
  if (generation.prompt_tokens > served->instance.context_length)
    return call.fail(plain_error(400, prompt_too_long(served->instance.context_length)));
  set_pace(generation, call.simulator, scripted.get());
  apply_usage_quirks(generation, call.simulator);
  const CompletionHead head = completion_head(call, "cmpl-", served->instance.id);
  log_input(call, *served, call.text);
  if (settings.stream) {
    stream_answer(call, generation, chunk_format(head, generation, settings.include_usage));
    return log_output(call, *served, generation);
  }
  JsonValue body =
      body_of(head, JsonValue::array({JsonValue::object({{"index", 0},
                                                         {"text", generation.text(Piece::Kind::content)},
                                                         {"logprobs", nullptr},
                                                         {"finish_reason", generation.finish}})}));
  body.set("usage", usage_of(generation));
  body.set("stats", JsonValue::object());
  whole_answer(call, generation, [&] {
    add_v0_report(body, call, *served, &generation);
    return body;
  });
  log_output(call, *served, generation);
}

}  // namespace lmstudio_sim
