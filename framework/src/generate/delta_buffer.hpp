// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <exception>
#include <mutex>

#include "async/cancellation.hpp"
#include "async/timer.hpp"
#include "generate/joined_delta.hpp"

namespace tachikoma {

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

  Timer& timer_;
  CallCancellation& cancellation_;
  const DeltaCallback on_delta_;
  std::mutex mutex_;  // guards what follows; held while `on_delta_` is called: deltas keep their order
  JoinedDelta held_;
  Flow flow_ = Flow::proceed;
  std::exception_ptr thrown_;
  const Timer::Id entry_;
};

}  // namespace tachikoma
