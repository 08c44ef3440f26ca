// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// The body of a streamed POST /v1/chat/completions. Every present setting is written. Fails with
/// `unsupported` for a non-zero `mirostat`, which this API does not have (`mirostat_hint` says what does),
/// and with `invalid_argument` for an `extra` that is no object or repeats what is written anyway.
Result<std::string> write_chat_request(const ChatRequest& request, std::string_view mirostat_hint);

}  // namespace tachikoma::kit
