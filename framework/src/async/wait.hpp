// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>

#include "async/cancellation.hpp"
#include "async/task.hpp"
#include "async/timer.hpp"
#include "async/workers.hpp"

namespace tachikoma::async {

/// How a generation waits, and on which threads it resumes.
struct Execution {
  enum class Mode : bool {
    blocking,  ///< every wait blocks the thread that runs it
    async,     ///< no wait blocks a thread
  };
  Mode mode;
  Timer& timer;
  Workers* continuations = nullptr;  ///< async: where it resumes when a wait ends on a borrowed thread
  Frames* memory = nullptr;          ///< of its coroutines; may be null

  Frames* frames() const { return memory; }
  bool blocks() const { return mode == Mode::blocking; }
};

/// Something that completes elsewhere. `co_await` a named one.
class Wait {
 public:
  explicit Wait(const Execution& execution) : execution_(execution) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}

 protected:
  ~Wait() = default;
  /// Starts it. An exception propagates from the `co_await`; then `finish` must not be called.
  virtual void start() = 0;
  /// Reports completion: call it once, on any thread, also from `start`. It may destroy this object.
  void finish();
  /// The same, from a thread that may resume the generation.
  void finish_here();

  const Execution execution_;

 private:
  std::coroutine_handle<> waiting_;
  Rendezvous rendezvous_;  // async: of completion and of `start`, whose arguments must live until it returns
  std::mutex mutex_;       // guards what follows, which serves the blocking execution alone
  std::condition_variable changed_;
  bool finished_ = false;
};

/// Waits for a time, or until `cancellation` is requested.
class Sleep final : public Wait {
 public:
  Sleep(const Execution& execution, CallCancellation& cancellation, std::chrono::milliseconds time)
      : Wait(execution), cancellation_(cancellation), time_(time) {}
  ~Sleep();

 private:
  void start() override;
  void end();

  CallCancellation& cancellation_;
  const std::chrono::milliseconds time_;
  std::atomic<bool> over_ = false;
  Timer::Id entry_ = 0;
  std::uint64_t subscription_ = 0;
};

/// Runs a blocking job: here if the execution is blocking, else on a worker. A job still waiting in the
/// workers' queue when `cancellation` is requested is never run.
class BlockingWork final : public Wait {
 public:
  BlockingWork(const Execution& execution, Workers& workers, CallCancellation& cancellation,
               std::function<void()> job)
      : Wait(execution), workers_(workers), cancellation_(cancellation), job_(std::move(job)) {}
  ~BlockingWork();

  /// Rethrows the job's exception.
  void await_resume() const;

 private:
  void start() override;
  void run();

  Workers& workers_;
  CallCancellation& cancellation_;
  const std::function<void()> job_;
  std::exception_ptr thrown_;
  std::shared_ptr<std::atomic<bool>> claimed_;  // by a worker or by the cancellation
  std::uint64_t subscription_ = 0;
};

}  // namespace tachikoma::async
