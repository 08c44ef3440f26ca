// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// How one server takes one chat request, where that is not OpenAI's own form.
struct ChatForm {
  /// What to do about a non-zero `mirostat`.
  std::string_view mirostat_hint =
      "remove it, use a provider of plugin 'llamacpp', or put the server's own field into extra";
  bool takes_mirostat = false;
  bool loads_models = false;             ///< loads models on demand: takes `draft_model` and `ttl`
  bool takes_ttl = false;                ///< the provider sees to `ttl` itself: it is not sent
  bool strict_takes_any_schema = false;  ///< not only those of OpenAI's strict mode
  /// In place of the request's; empty: it is left out.
  std::optional<std::string> reasoning_effort = {};
  std::vector<std::string> notices = {};  ///< what the user should know of what is not delivered as asked
};

/// The body of a streamed POST /v1/chat/completions. Every present setting is written; a tool choice by name
/// as that tool alone and "required", for several servers take the object form for "auto". Fails with
/// `unsupported` for a setting that this API does not have, and with `invalid_argument` for what contradicts
/// itself: an `extra` that is no object or repeats what is written anyway, a choice among no tools.
Result<std::string> write_chat_request(const ChatRequest& request, const ChatForm& form = {});

}  // namespace tachikoma::kit
