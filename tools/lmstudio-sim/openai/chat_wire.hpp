// SPDX-License-Identifier: MIT
#pragma once

#include "openai/completion.hpp"
#include "openai/paced_answer.hpp"

namespace lmstudio_sim {

/// How POST /v1/chat/completions writes an answer as a stream.
StreamFormat chat_stream_format(const CompletionHead& head, const Generation& generation, bool include_usage);

/// The same as one body.
JsonValue chat_body(const CompletionHead& head, const Generation& generation);

}  // namespace lmstudio_sim
