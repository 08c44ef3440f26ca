// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// How one server's chat requests differ from OpenAI's form.
struct ChatForm {
  /// The hint for a non-zero `mirostat`.
  std::string_view mirostat_hint =
      "remove it, use a provider of plugin 'llamacpp', or put the server's own field into extra";
  bool takes_mirostat = false;
  bool loads_models = false;             ///< loads models on demand: accepts `draft_model` and `ttl`
  bool takes_ttl = false;                ///< the provider handles `ttl` itself: it is not sent
  bool strict_takes_any_schema = false;  ///< not only those of OpenAI's strict mode
  bool takes_stream_options = true;      ///< what asks for the usage; a few servers refuse it
  bool renames_max_tokens = false;       ///< to `max_completion_tokens`, as OpenAI's newer models want it
  /// The field that takes the reasoning of this turn's calls back; empty: the server has none.
  std::string_view reasoning_field = {};
  /// Overrides the request's; empty: it is left out.
  std::optional<std::string> reasoning_effort = {};
  std::vector<std::string> notices = {};  ///< sentences on what is not delivered as requested
};

/// The body of a streamed POST /v1/chat/completions. Every present setting is written; a tool choice by name
/// as that tool alone and "required", because several servers treat the object form as "auto". Fails with
/// `unsupported` for a setting that this API does not have, and with `invalid_argument` for what contradicts
/// itself: an `extra` that is not an object or repeats a field, or a tool choice without tools.
Result<std::string> write_chat_request(const ChatRequest& request, const ChatForm& form = {});

}  // namespace tachikoma::kit
