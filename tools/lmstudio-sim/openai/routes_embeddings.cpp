// SPDX-License-Identifier: MIT
#include "model/text_embedding.hpp"
#include "model/word_tokens.hpp"
#include "openai/completion.hpp"
#include "openai/routes.hpp"
#include "openai/v0_report.hpp"

namespace lmstudio_sim {

namespace {

JsonValue embedding_of(std::string_view text, std::size_t index) {
  JsonValue numbers = JsonValue::array();
  for (const double each : embed(text)) numbers.push_back(each);
  return JsonValue::object({{"object", "embedding"},
                            {"embedding", std::move(numbers)},
                            {"index", static_cast<std::int64_t>(index)}});
}

}  // namespace

// Ignores `encoding_format` as LM Studio does: always floats.
void embeddings(Call& call) {
  const JsonValue& input = call.body["input"];
  std::vector<std::string_view> texts;
  if (input.is_string()) texts.push_back(input.as_string());
  for (const JsonValue& each : input.elements()) {
    if (!each.is_string())
      return call.fail(plain_error(400, "'input' must be a string or a list of strings"));
    texts.push_back(each.as_string());
  }
  if (texts.empty())
    return call.fail(plain_error(400, "'input' field must be a string or a list of strings"));
  const std::optional<Served> served = obtain_model(call, true);
  if (!served) return;
  JsonValue data = JsonValue::array();
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    data.push_back(embedding_of(texts[i], i));
    tokens += static_cast<std::int64_t>(count_tokens(texts[i]));
  }
  if (call.simulator.script.usage.embedding_zeros) tokens = 0;
  JsonValue body = JsonValue::object(
      {{"object", "list"},
       {"data", std::move(data)},
       {"model", served_name(call, served->instance.id)},
       {"usage", JsonValue::object({{"prompt_tokens", tokens}, {"total_tokens", tokens}})}});
  add_v0_report(body, call, *served);
  call.exchange.send_json(200, body);
}

}  // namespace lmstudio_sim
