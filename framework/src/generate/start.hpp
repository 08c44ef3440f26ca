// SPDX-License-Identifier: MIT
#pragma once

#include "generate/generation.hpp"

namespace tachikoma::engine {

/// Starts a generation that nobody waits for. `on_done` is called exactly once, on a thread of the core's,
/// and so is `on_delta`, which may be empty, before; the core waits for it when it is destroyed.
void start(RuntimeCore& core, Order order, DeltaCallback on_delta, ReplyCallback on_done);

}  // namespace tachikoma::engine
