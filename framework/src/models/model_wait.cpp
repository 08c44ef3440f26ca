// SPDX-License-Identifier: MIT
#include "models/model_wait.hpp"

#include <utility>

namespace tachikoma::models {

std::optional<ModelLease> ModelWait::begin() {
  Scheduler& scheduler = resident_.server.scheduler();
  // without a limit: the clocks of the call hold
  if (std::optional<ModelLease> there = scheduler.acquire(resident_.id, Scheduler::kNoLimit, *this))
    return there;
  subscription_ = cancellation_.subscribe(
      [](void* user) {
        ModelWait& self = *static_cast<ModelWait*>(user);
        if (self.resident_.server.scheduler().withdraw(self)) self.note([&] { self.over_ = true; });
      },
      this);
  return std::nullopt;
}

bool ModelWait::is_over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

void ModelWait::ready(Result<ModelLease> lease) {
  note([&] {
    lease_.emplace(std::move(lease));
    over_ = true;
  });
}

void ModelWait::moved() {
  note([] {});
}

// An event that ends may take this object with it.
template <class Change>
void ModelWait::note(const Change& change) {
  Event* ended = nullptr;
  {
    const std::lock_guard lock(mutex_);
    change();
    ended = std::exchange(waiting_, nullptr);
    happened_ = !ended;
  }
  if (ended) ended->finish();
}

void ModelWait::Event::start() {
  {
    const std::lock_guard lock(of_.mutex_);
    if (!std::exchange(of_.happened_, false)) {
      of_.waiting_ = this;
      return;
    }
  }
  finish();
}

}  // namespace tachikoma::models
