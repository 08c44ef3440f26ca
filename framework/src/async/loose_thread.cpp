// SPDX-License-Identifier: MIT
#include "async/loose_thread.hpp"

#include <unistd.h>
#include <utility>

namespace tachikoma::async {

LooseThread::LooseThread(std::function<void()> job)
    : thread_([state = state_, job = std::move(job)]() mutable {
        {
          const std::lock_guard lock(state->mutex);
          state->number = ::gettid();
        }
        job();
        job = {};  // what it owns is released before anyone is told
        const std::lock_guard lock(state->mutex);
        state->ended = true;
        state->changed.notify_all();
      }) {}

LooseThread::~LooseThread() {
  if (thread_.joinable()) thread_.detach();
}

bool LooseThread::join_within(std::chrono::milliseconds time) {
  {
    std::unique_lock lock(state_->mutex);
    if (!state_->changed.wait_for(lock, time, [this] { return state_->ended; })) return false;
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

int LooseThread::number() const {
  const std::lock_guard lock(state_->mutex);
  return state_->number;
}

}  // namespace tachikoma::async
