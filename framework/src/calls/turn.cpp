// SPDX-License-Identifier: MIT
#include "calls/turn.hpp"

namespace tachikoma::calls {

bool Turn::await_ready() {
  if (limiter_.enter(*this)) {
    granted_ = true;
    return true;
  }
  return Wait::await_ready();
}

// It waits in the queue already, and its turn may have come.
void Turn::start() {
  subscription_ = cancellation_.subscribe(
      [](void* user) {
        Turn& self = *static_cast<Turn*>(user);
        if (self.limiter_.withdraw(self)) self.finish();
      },
      this);
}

void Turn::granted() {
  granted_ = true;
  finish();
}

Turn::~Turn() {
  cancellation_.unsubscribe(subscription_);
  if (granted_) limiter_.leave();
}

}  // namespace tachikoma::calls
