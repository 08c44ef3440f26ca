// SPDX-License-Identifier: MIT
#include "async/wait.hpp"

namespace tachikoma::async {

bool Wait::await_ready() {
  if (!execution_.blocks()) return false;
  start();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_; });
  return true;
}

bool Wait::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  start();
  return !rendezvous_.second();
}

void Wait::finish() {
  if (execution_.blocks()) return finish_here();
  if (rendezvous_.second()) execution_.continuations->run([waiting = waiting_] { waiting.resume(); });
}

void Wait::finish_here() {
  if (execution_.blocks()) {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  } else if (rendezvous_.second()) {
    waiting_.resume();
  }
}

void Sleep::start() {
  entry_ = execution_.timer.arm(execution_.timer.now() + time_, [this] {
    end();
    return Timer::Clock::time_point::max();
  });
  subscription_ = cancellation_.subscribe([](void* self) { static_cast<Sleep*>(self)->end(); }, this);
}

void Sleep::end() {
  if (!over_.exchange(true)) finish();
}

Sleep::~Sleep() {
  cancellation_.unsubscribe(subscription_);
  execution_.timer.disarm(entry_);
}

void BlockingWork::start() {
  if (execution_.blocks()) return run();
  claimed_ = std::make_shared<std::atomic<bool>>(false);
  // the queue may keep the job longer than this object exists: only the claimant may touch this
  workers_.run([this, claimed = claimed_] {
    if (!claimed->exchange(true)) run();
  });
  subscription_ = cancellation_.subscribe(
      [](void* user) {
        BlockingWork& self = *static_cast<BlockingWork*>(user);
        if (!self.claimed_->exchange(true)) self.finish();
      },
      this);
}

void BlockingWork::run() {
  try {
    job_();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  finish_here();
}

void BlockingWork::await_resume() const {
  if (thrown_) std::rethrow_exception(thrown_);
}

BlockingWork::~BlockingWork() { cancellation_.unsubscribe(subscription_); }

}  // namespace tachikoma::async
