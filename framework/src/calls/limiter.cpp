// SPDX-License-Identifier: MIT
#include "calls/limiter.hpp"

#include <algorithm>

namespace tachikoma::calls {

using Clock = Timer::Clock;

RequestRate::RequestRate(std::int64_t per_minute)
    : interval_(Clock::duration(std::chrono::minutes(1)) / per_minute),
      allowance_(interval_ * (std::max<std::int64_t>(per_minute / 10, 1) - 1)) {}

void RequestRate::take(Clock::time_point now) { next_ = std::max(next_, now) + interval_; }

Limiter::Limiter(const CallLimits& limits, Timer& timer)
    : limits_(limits.concurrency || limits.requests_per_minute),
      concurrency_(limits.concurrency),
      timer_(timer) {
  if (limits.requests_per_minute) rate_.emplace(*limits.requests_per_minute);
}

Limiter::~Limiter() {
  if (entry_) timer_.disarm(*entry_);
}

bool Limiter::enter(Waiter& waiter) {
  if (!limits_) return true;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = timer_.now();
  if (queue_.empty() && free(now)) {
    take(now);
    return true;
  }
  queue_.push_back(&waiter);
  if (!rate_ || queue_.size() > 1) return false;
  if (entry_)
    timer_.move(*entry_, rate_->ready_at());
  else
    entry_ = timer_.arm(rate_->ready_at(), [this] {
      admit();  // which sets the timer again
      return Clock::time_point::max();
    });
  return false;
}

bool Limiter::withdraw(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  return std::erase(queue_, &waiter) > 0;
}

void Limiter::leave() {
  if (!limits_) return;
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  admit();
}

bool Limiter::free(Clock::time_point now) const {
  return (!concurrency_ || running_ < *concurrency_) && (!rate_ || rate_->ready_at() <= now);
}

void Limiter::take(Clock::time_point now) {
  ++running_;
  if (rate_) rate_->take(now);
}

void Limiter::admit() {
  std::vector<Waiter*> permit;
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = timer_.now();
    while (!queue_.empty() && free(now)) {
      take(now);
      permit.push_back(queue_.front());
      queue_.pop_front();
    }
    const bool by_rate = !queue_.empty() && rate_ && (!concurrency_ || running_ < *concurrency_);
    if (entry_) timer_.move(*entry_, by_rate ? rate_->ready_at() : Clock::time_point::max());
  }
  for (Waiter* waiter : permit) waiter->granted();
}

}  // namespace tachikoma::calls
