// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "async/cancellation.hpp"
#include "async/timer.hpp"

namespace tachikoma::async {

/// How long a call may take to return once it was cancelled; then its thread is written off.
inline constexpr std::chrono::milliseconds kReturnTime{700};

/// Where a call on a thread of its own and its waiting caller meet. Both own it: the caller may leave first.
class Hatch final : public PhaseListener {
 public:
  /// `phases` may be null; it is not used once the caller has left.
  Hatch(std::shared_ptr<CallCancellation> cancellation, PhaseListener* phases)
      : cancellation_(std::move(cancellation)), phases_(phases) {}

  // for the call, on its thread

  CallCancellation& cancellation() { return *cancellation_; }
  /// Runs `event` on the caller's thread, and waits for it. False if the call was cancelled: then it is not
  /// run. Rethrows its exception.
  bool pass(const std::function<void()>& event);
  void on_phase(Phase phase) override;

  // for `escort`

  /// The call has returned, with an exception or null.
  void returned(std::exception_ptr thrown);
  /// Runs events on this thread until the call has returned, and rethrows its exception; false if it was
  /// written off.
  bool serve();
  /// False while an event is running: the call is not to blame. Thread-safe.
  bool write_off();

 private:
  class Serving;
  void run_event(std::unique_lock<std::mutex>& lock);

  const std::shared_ptr<CallCancellation> cancellation_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  PhaseListener* const phases_;
  const std::function<void()>* event_ = nullptr;  // waits for the caller's thread, or runs there
  std::exception_ptr thrown_;                     // by the event, or by the call
  bool was_busy_ = false;                         // an event was running when it was to be written off
  bool returned_ = false;
  bool left_ = false;  // by the caller: nothing of it may be used
};

/// The thread of a call that never returned, for messages.
struct WrittenOff {
  int thread = 0;  ///< as the system numbers it
};

/// Calls `job` on a thread of its own, and serves `hatch` on this one until it returns. If it does not return
/// in time after its cancellation, its thread is written off: it keeps what it owns, and ends when the call
/// does. `job` must therefore own all that it uses beside the hatch. Throws what the job throws, and
/// std::system_error if there is no thread.
std::optional<WrittenOff> escort(Timer& timer, const std::shared_ptr<Hatch>& hatch,
                                 std::function<void()> job);

}  // namespace tachikoma::async
