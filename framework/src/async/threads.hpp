// SPDX-License-Identifier: MIT
#pragma once

#include "async/started_calls.hpp"
#include "async/workers.hpp"

namespace tachikoma::async {

/// The threads of one runtime, beside the timer's. None is started before there is something to do.
struct Threads {
  /// Waits for the generations that were started and not waited for.
  ~Threads() { started.wait_for_all(); }

  Workers workers{32};       ///< what may block: tools, and providers that can't be called without a thread
  Workers lookups{4};        ///< model lists that a started generation needs: few, for one list serves all
  Workers continuations{2};  ///< what goes on when a wait of a started generation has ended; never blocks
  StartedCalls started;
};

}  // namespace tachikoma::async
