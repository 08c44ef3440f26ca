// SPDX-License-Identifier: MIT
#pragma once

#include "async/task.hpp"
#include "calls/attempt.hpp"

namespace tachikoma::generate {

/// Calls the provider: on this thread if the execution is blocking; else asynchronously, if the provider can
/// do that and promises to return, or on one of `workers`.
async::Task<Result<ChatOutcome>> call_chat(const async::Execution& execution, Workers& workers,
                                           calls::Server& server, const ChatRequest& request, ChatSink& sink,
                                           calls::Attempt& attempt);

}  // namespace tachikoma::generate
