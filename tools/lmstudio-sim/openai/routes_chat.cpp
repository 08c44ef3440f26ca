// SPDX-License-Identifier: MIT
#include "model/prompt_template.hpp"
#include "model/reply.hpp"
#include "openai/chat_body.hpp"
#include "openai/chat_wire.hpp"
#include "openai/completion.hpp"
#include "openai/routes.hpp"
#include "openai/v0_report.hpp"

namespace lmstudio_sim {

void chat_completions(Call& call) {
  auto read = read_chat_body(call.body);
  if (const auto* error = std::get_if<WireError>(&read)) return call.fail(*error);
  const auto& body = std::get<ChatBody>(read);
  const ChatRequest& request = body.chat;
  if (!request.draft_model.empty() && !call.simulator.library.find(request.draft_model))
    return call.fail(draft_model_error(request.draft_model));
  const std::optional<Served> served = obtain_model(call, false);
  if (!served) return;
  const std::int64_t prompt = prompt_tokens(request);
  if (prompt > served->instance.context_length)
    return call.fail(plain_error(400, prompt_too_long(served->instance.context_length)));

  const ModelSpec& model = *served->model;
  if (!model.vision && has_images(request)) return call.fail(plain_error(400, kNoVision));
  const auto scripted = call.simulator.responses.next_reply(call.facts());
  const Effort effort = choose_effort(model, request.reasoning_effort);
  if (!effort.note.empty()) call.simulator.journal.note(call.id, effort.note);
  Generation generation = limit_reply(reply_to(request, model, effort, scripted.get()), request.limits);
  number_calls(generation, call.id);
  generation.prompt_tokens = prompt;
  set_pace(generation, call.simulator, scripted.get());
  apply_usage_quirks(generation, call.simulator);
  CompletionHead head = completion_head(call, "chatcmpl-", served->instance.id);
  head.draft_model = request.draft_model;
  log_input(call, *served, apply_template(request));
  if (body.stream)
    stream_answer(call, generation, chat_stream_format(head, generation, body.include_usage));
  else
    whole_answer(call, generation, [&] {
      JsonValue reply = chat_body(head, generation);
      add_v0_report(reply, call, *served, &generation);
      return reply;
    });
  log_output(call, *served, generation);
}

}  // namespace lmstudio_sim
