// SPDX-License-Identifier: MIT
#include "calls/attempt.hpp"

#include "base/durations.hpp"

namespace tachikoma::calls {

Attempt::Attempt(const RequestContext& request, const CallTarget& target, Server& server)
    : on_cancel(request.cancellation, PassOn{request.cancellation, cancellation}),
      clocks(request.execution.timer, target.policy.clocks, cancellation),
      permit(request.execution, server.limiter, cancellation),
      request_(request),
      target_(target) {
  if (target.provider->before_call) target.provider->before_call();
  clocks.on_phase(Phase::loading);  // until its permit comes
}

Error Attempt::why_ended() const { return cancelled_error(cancellation.reason(), target_); }

Error Attempt::why_no_permit() const {
  Error error = why_ended();
  if (cancellation.reason() != CancelReason::load) return error;
  error.message = "the limits of '" + target_.provider->id + "' admitted no call within " +
                  base::describe_time(target_.policy.clocks.load);
  error.hint = "raise its limits, or timeouts.load of the provider (0 is never)";
  return error;
}

}  // namespace tachikoma::calls
