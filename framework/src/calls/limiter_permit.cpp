// SPDX-License-Identifier: MIT
#include "calls/limiter_permit.hpp"

namespace tachikoma::calls {

bool LimiterPermit::await_ready() {
  if (limiter_.enter(*this)) {
    granted_ = true;
    return true;
  }
  queued_ = Clock::now();
  return Wait::await_ready();
}

// It waits in the queue already, and its permit may have come.
void LimiterPermit::start() {
  subscription_ = cancellation_.subscribe(
      [](void* user) {
        LimiterPermit& self = *static_cast<LimiterPermit*>(user);
        if (self.limiter_.withdraw(self)) self.finish();
      },
      this);
}

void LimiterPermit::granted() {
  granted_ = true;
  finish();
}

LimiterPermit::~LimiterPermit() {
  cancellation_.unsubscribe(subscription_);
  if (granted_) limiter_.leave();
}

}  // namespace tachikoma::calls
