// SPDX-License-Identifier: MIT
#include "generate/delta_buffer.hpp"

#include <utility>

namespace tachikoma {

DeltaBuffer::DeltaBuffer(std::size_t size, Timer& timer, CallCancellation& cancellation,
                         DeltaCallback on_delta)
    : timer_(timer),
      cancellation_(cancellation),
      on_delta_(std::move(on_delta)),
      held_(size),
      entry_(timer.arm(Timer::Clock::time_point::max(), [this] { return flush_late(); })) {}

DeltaBuffer::~DeltaBuffer() { timer_.disarm(entry_); }

Flow DeltaBuffer::push(const Delta& delta) {
  const std::lock_guard lock(mutex_);
  if (!held_.join(delta) && flush()) {
    held_.start(delta);
    if (!held_.full()) timer_.move(entry_, timer_.now() + kLongestHold);
  }
  if (held_.full()) flush();
  rethrow();
  return flow_;
}

void DeltaBuffer::end() {
  const std::lock_guard lock(mutex_);
  flush();
  rethrow();
}

void DeltaBuffer::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

bool DeltaBuffer::flush() {
  if (held_.empty() || flow_ == Flow::stop) return flow_ == Flow::proceed;
  held_.clear();
  try {
    flow_ = on_delta_(held_.view());
  } catch (...) {
    thrown_ = std::current_exception();
    flow_ = Flow::stop;
  }
  return flow_ == Flow::proceed;
}

Timer::Clock::time_point DeltaBuffer::flush_late() {
  const std::lock_guard lock(mutex_);
  if (!flush()) cancellation_.request(CancelReason::consumer);
  return Timer::Clock::time_point::max();
}

}  // namespace tachikoma
