// SPDX-License-Identifier: MIT
#include "calls/attempt.hpp"

namespace tachikoma::engine {

Attempt::Attempt(const Calling& calling, const ProviderSlot& slot, policy::Endpoint& endpoint)
    : on_cancel(calling.cancellation, PassOn{calling.cancellation, cancellation}),
      clocks(calling.execution.timer, slot.limits, cancellation),
      turn(calling.execution, endpoint.limiter, cancellation),
      calling_(calling),
      slot_(slot) {
  if (slot.logs) slot.logs->follow();
  clocks.on_phase(Phase::loading);  // until it is its turn
}

Error Attempt::why_ended() const { return cancelled_error(cancellation.reason(), slot_); }

Error Attempt::why_no_turn() const {
  Error error = why_ended();
  if (cancellation.reason() != CancelReason::load) return error;
  error.message = "no turn for a call to '" + slot_.id + "' within " + describe_time(slot_.limits.load) +
                  ": its limits let no more through";
  error.hint = "raise its limits, or timeouts.load of the provider (0 is never)";
  return error;
}

}  // namespace tachikoma::engine
