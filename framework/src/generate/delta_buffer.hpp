// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>

#include "async/cancellation.hpp"
#include "async/timer.hpp"
#include "generate/owned_delta.hpp"

namespace tachikoma {

/// The longest time that a delta is held back to join others.
inline constexpr std::chrono::milliseconds kLongestHold{50};

/// Joins the deltas of an asynchronous generation, `size` into one; late ones are delivered on the timer's
/// thread.
class DeltaBuffer {
 public:
  /// `cancellation` ends the generation if the callback stops it on the timer's thread.
  DeltaBuffer(std::size_t size, Timer& timer, CallCancellation& cancellation, DeltaCallback on_delta);
  ~DeltaBuffer();
  DeltaBuffer(const DeltaBuffer&) = delete;
  DeltaBuffer& operator=(const DeltaBuffer&) = delete;

  /// Takes the generation's next delta. Rethrows the callback's exception.
  Flow push(const Delta& delta);
  /// Delivers the held deltas. Rethrows the callback's exception.
  void end();

 private:
  bool flush();
  void rethrow();
  Timer::Clock::time_point flush_late();

  const std::size_t size_;
  Timer& timer_;
  CallCancellation& cancellation_;
  const DeltaCallback on_delta_;
  std::mutex mutex_;  // guards what follows; held while `on_delta_` is called: deltas keep their order
  OwnedDelta held_;
  std::size_t count_ = 0;  // deltas in `held_`
  Flow flow_ = Flow::proceed;
  std::exception_ptr thrown_;
  const Timer::Id entry_;
};

}  // namespace tachikoma
