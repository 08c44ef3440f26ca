// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>
#include <utility>

#include "async/cancellation.hpp"
#include "calls/clocks.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::generate {

/// Passes the deltas of one generation to the application's callback, and remembers what it has seen.
class DeltaEmitter {
 public:
  DeltaEmitter(CallCancellation& cancellation, std::function<void()> on_first_token)
      : cancellation_(cancellation), on_first_(std::move(on_first_token)) {}

  /// Where the deltas go, and who is told that the next one may take a while: before the first.
  void emit_to(DeltaCallback on_delta, std::function<void()> on_pause) {
    on_delta_ = std::move(on_delta);
    on_pause_ = std::move(on_pause);
  }

  bool wanted() const { return static_cast<bool>(on_delta_); }
  /// True once something irrevocable was delivered, so that nothing may be retried. Progress does not count.
  bool seen() const { return seen_; }
  /// Delivers one delta. The callback ends the generation by returning `Flow::stop` or throwing.
  Flow emit(const Delta& delta);
  /// The same while a call runs; the time that the callback takes is not the server's.
  Flow emit(const Delta& delta, CallClocks& clocks);
  void pause() {
    if (on_pause_) on_pause_();
  }
  /// A token has arrived; reports the generation's first one.
  void note_token() {
    if (!std::exchange(token_came_, true)) on_first_();
  }
  /// Rethrows the callback's exception.
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  DeltaCallback on_delta_;
  std::function<void()> on_pause_;
  CallCancellation& cancellation_;
  const std::function<void()> on_first_;
  bool token_came_ = false;
  bool seen_ = false;
  std::exception_ptr thrown_;
};

}  // namespace tachikoma::generate
