// SPDX-License-Identifier: MIT
#pragma once

#include "async/task.hpp"
#include "calls/attempt.hpp"

namespace tachikoma::generate {

/// Calls the provider: on this thread when the execution blocks; else started, where the provider can do
/// that, and on one of `workers` where it can't.
async::Task<Result<ChatOutcome>> call_chat(const async::Execution& execution, Workers& workers,
                                           calls::Server& server, const ChatRequest& request, ChatSink& sink,
                                           calls::Attempt& attempt);

}  // namespace tachikoma::generate
