// SPDX-License-Identifier: MIT
#include "common/chat/chunk_usage.hpp"

#include <string_view>

namespace tachikoma::kit {

bool read_usage(Json& value, ChunkFacts& facts) {
  simdjson::ondemand::object usage;
  if (value.get_object().get(usage)) return true;
  return for_each_member(usage, [&](std::string_view key, Json& field) {
    const auto count = [&](std::optional<std::int64_t> Usage::*which) {
      facts.counts.push_back({which, field.raw_json_token().data()});
      read_count(field, facts.usage.*which);
    };
    const auto detail = [&](std::string_view name, std::optional<std::int64_t> Usage::*which) {
      simdjson::ondemand::object details;
      Json tokens;
      if (!field.get_object().get(details) && !details[name].get(tokens))
        read_count(tokens, facts.usage.*which);
    };
    if (key == "prompt_tokens" || key == "input_tokens") {
      count(&Usage::prompt_tokens);
    } else if (key == "completion_tokens" || key == "output_tokens") {
      count(&Usage::completion_tokens);
    } else if (key == "completion_tokens_details" || key == "output_tokens_details") {
      detail("reasoning_tokens", &Usage::reasoning_tokens);
    } else if (key == "prompt_tokens_details" || key == "input_tokens_details") {
      detail("cached_tokens", &Usage::cached_tokens);
    } else {
      facts.ignored.push_back(field.raw_json_token().data());
    }
    return true;
  });
}

}  // namespace tachikoma::kit
