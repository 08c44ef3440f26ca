// SPDX-License-Identifier: MIT
#pragma once

#include "async/task.hpp"
#include "calls/attempt.hpp"

namespace tachikoma::engine {

/// Calls the provider: on this thread when the execution blocks; else started, where the provider can do
/// that, and on one of `workers` where it can't.
Task<Result<ChatOutcome>> call_chat(const Execution& execution, Workers& workers, policy::Endpoint& endpoint,
                                    const ChatRequest& request, ChatSink& sink, Attempt& attempt);

}  // namespace tachikoma::engine
