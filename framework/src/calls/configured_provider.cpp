// SPDX-License-Identifier: MIT
#include "calls/configured_provider.hpp"

namespace tachikoma::calls {

Error cancelled_error(CancelReason reason, const CallTarget& target) {
  const std::string& id = target.provider->id;
  if (reason >= CancelReason::connect) return timeout_error(reason, target.policy.clocks, id);
  return Error(ErrorCode::cancelled, "the call to '" + id + "' was cancelled");
}

}  // namespace tachikoma::calls
