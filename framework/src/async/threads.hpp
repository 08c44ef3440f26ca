// SPDX-License-Identifier: MIT
#pragma once

#include "async/started_calls.hpp"
#include "async/workers.hpp"

namespace tachikoma::async {

/// The threads of one runtime, besides the timer's. They are started on demand.
struct Threads {
  /// Waits for the running asynchronous generations.
  ~Threads() { started.wait_for_all(); }

  Workers workers{32};       ///< blocking work: tools, and providers without `chat-async`
  Workers lookups{2};        ///< model lists for asynchronous generations; few, because one list serves all
  Workers continuations{2};  ///< resume asynchronous generations when a wait has ended; never block
  StartedCalls started;
};

}  // namespace tachikoma::async
