// SPDX-License-Identifier: MIT
#include "common/chat/chunk_usage.hpp"

namespace tachikoma::kit {

bool read_usage(Json& value, ChunkFacts& facts) {
  simdjson::ondemand::object usage;
  if (value.get_object().get(usage)) return true;
  facts.has_figures = true;
  return for_each_member(usage, [&](std::string_view key, Json& field) {
    simdjson::ondemand::object details;
    if (key == "prompt_tokens" || key == "input_tokens") {
      read_count(field, facts.usage.prompt_tokens);
    } else if (key == "completion_tokens" || key == "output_tokens") {
      read_count(field, facts.usage.completion_tokens);
    } else if ((key == "completion_tokens_details" || key == "output_tokens_details") &&
               !field.get_object().get(details)) {
      Json tokens;
      if (!details["reasoning_tokens"].get(tokens)) read_count(tokens, facts.usage.reasoning_tokens);
    } else if ((key == "prompt_tokens_details" || key == "input_tokens_details") &&
               !field.get_object().get(details)) {
      Json tokens;
      if (!details["cached_tokens"].get(tokens)) read_count(tokens, facts.usage.cached_tokens);
    }
    return true;
  });
}

}  // namespace tachikoma::kit
