// SPDX-License-Identifier: MIT
#include "calls/attempt.hpp"

#include "base/durations.hpp"

namespace tachikoma::calls {

Attempt::Attempt(const RequestContext& request, const CallTarget& target, Server& server)
    : shared_cancellation_(server.returns() ? nullptr : std::make_shared<CallCancellation>()),
      cancellation(shared_cancellation_ ? *shared_cancellation_ : own_cancellation_),
      on_cancel(request.cancellation, PassOn{request.cancellation, cancellation}),
      clocks(request.execution.timer, target.policy.clocks, cancellation),
      permit(request.execution, server.limiter, cancellation),
      request_(request),
      target_(target),
      server_(server) {
  if (target.provider->before_call) target.provider->before_call();
  clocks.on_phase(Phase::loading);  // until its permit comes
}

Error Attempt::why_ended() const {
  Error error = cancelled_error(cancellation.reason(), target_);
  if (!written_off_) return error;
  error.message += "; " + loss();
  error.hint = "report it to the author of the plugin; the thread stays until the call returns";
  error.retryable = false;  // it would take another thread
  error.detail = error.detail.is_object() ? std::move(error.detail) : Value::object();
  error.detail.set("written_off_thread", written_off_->thread);
  return error;
}

void Attempt::write_off(async::WrittenOff thread) {
  written_off_ = thread;
  request_.write_log(Severity::error, *target_.provider, loss());
}

std::string Attempt::loss() const {
  return "plugin '" + target_.provider->plugin + "' does not return from the call: thread " +
         std::to_string(written_off_->thread) + " was written off";
}

Error Attempt::ended_its_thread() const {
  return Error(ErrorCode::plugin_fault,
               "provider '" + target_.provider->id + "': plugin fault: a call ended its thread",
               "report it to the author of plugin '" + target_.provider->plugin + "'");
}

Error Attempt::why_no_permit() const {
  Error error = why_ended();
  if (cancellation.reason() != CancelReason::load) return error;
  error.message = "the limits of '" + target_.provider->id + "' admitted no call within " +
                  base::describe_time(target_.policy.clocks.load);
  error.hint = "raise its limits, or timeouts.load of the provider (0 is never)";
  return error;
}

}  // namespace tachikoma::calls
