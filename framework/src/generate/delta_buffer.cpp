// SPDX-License-Identifier: MIT
#include "generate/delta_buffer.hpp"

#include <utility>

namespace tachikoma {

DeltaBuffer::DeltaBuffer(std::size_t size, Timer& timer, CallCancellation& cancellation,
                         DeltaCallback on_delta)
    : size_(size),
      timer_(timer),
      cancellation_(cancellation),
      on_delta_(std::move(on_delta)),
      entry_(timer.arm(Timer::Clock::time_point::max(), [this] { return flush_late(); })) {}

DeltaBuffer::~DeltaBuffer() { timer_.disarm(entry_); }

Flow DeltaBuffer::push(const Delta& delta) {
  const std::lock_guard lock(mutex_);
  const bool joins = delta.kind == Delta::Kind::text || delta.kind == Delta::Kind::reasoning;
  if (count_ > 0 && held_.is_continued_by(delta)) {
    held_.append(delta.content);
    ++count_;
  } else if (flush()) {
    held_.assign(delta);
    count_ = 1;
    if (joins) timer_.move(entry_, Timer::Clock::now() + kLongestHold);
  }
  if (!joins || count_ >= size_) flush();
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
  if (std::exchange(count_, 0) == 0 || flow_ == Flow::stop) return flow_ == Flow::proceed;
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
