// SPDX-License-Identifier: MIT
#include "runtime/engine/attempt.hpp"

namespace tachikoma::engine {

Attempt::Attempt(const Calling& calling, const ProviderSlot& slot, policy::Endpoint& endpoint)
    : on_cancel(calling.cancellation, PassOn{calling.cancellation, cancellation}),
      clocks(calling.execution.timer, slot.limits, cancellation),
      turn(calling.execution, endpoint.limiter, cancellation),
      calling_(calling),
      slot_(slot) {
  clocks.on_phase(Phase::loading);  // until it is its turn
}

Error Attempt::why_ended() const { return cancelled_error(cancellation.reason(), slot_); }

}  // namespace tachikoma::engine
