// SPDX-License-Identifier: MIT
#include "async/escort.hpp"

#include <atomic>
#include <cxxabi.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tachikoma::async {
namespace {

/// The thread of a call: joined when the call has returned, else left to itself.
class Escorted {
 public:
  Escorted(std::shared_ptr<Hatch> hatch, std::function<void()> job)
      : number_(std::make_shared<std::atomic<int>>(0)),
        thread_([hatch = std::move(hatch), job = std::move(job), number = number_]() mutable {
          number->store(::gettid());
          run(*hatch, job);
        }) {}
  ~Escorted() {
    if (thread_.joinable()) thread_.detach();
  }
  Escorted(const Escorted&) = delete;
  Escorted& operator=(const Escorted&) = delete;

  void join() { thread_.join(); }
  int number() const { return number_->load(); }

 private:
  /// Reports the end, also when the job ends its thread.
  struct AtEnd {
    Hatch& hatch;
    std::exception_ptr thrown;
    ~AtEnd() { hatch.returned(std::move(thrown)); }
  };

  static void run(Hatch& hatch, std::function<void()>& job) {
    AtEnd end{hatch, nullptr};
    try {
      job();
    } catch (const abi::__forced_unwind&) {
      throw;
    } catch (...) {
      end.thrown = std::current_exception();
    }
    job = {};  // what it owns is released before the caller goes on
  }

  const std::shared_ptr<std::atomic<int>> number_;
  std::thread thread_;
};

}  // namespace

/// Leaves the hatch when the caller's thread does, whatever the reason.
class Hatch::Serving {
 public:
  explicit Serving(Hatch& hatch) : hatch_(hatch), lock_(hatch.mutex_) {}
  ~Serving() {
    if (!lock_.owns_lock()) lock_.lock();
    hatch_.left_ = true;
    hatch_.event_ = nullptr;
    hatch_.changed_.notify_all();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  std::unique_lock<std::mutex>& lock() { return lock_; }

 private:
  Hatch& hatch_;
  std::unique_lock<std::mutex> lock_;
};

bool Hatch::pass(const std::function<void()>& event) {
  std::unique_lock lock(mutex_);
  if (left_ || cancellation_->requested()) return false;
  event_ = &event;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !event_; });
  if (left_) return false;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return true;
}

void Hatch::on_phase(Phase phase) {
  const std::lock_guard lock(mutex_);
  if (phases_ && !left_) phases_->on_phase(phase);
}

void Hatch::returned(std::exception_ptr thrown) {
  const std::lock_guard lock(mutex_);
  thrown_ = std::move(thrown);
  returned_ = true;
  changed_.notify_all();
}

bool Hatch::serve() {
  Serving serving(*this);
  for (;;) {
    changed_.wait(serving.lock(), [this] { return event_ || returned_ || left_; });
    if (event_) {
      run_event(serving.lock());
    } else if (returned_) {
      if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
      return true;
    } else {
      return false;
    }
  }
}

void Hatch::run_event(std::unique_lock<std::mutex>& lock) {
  const std::function<void()>& event = *event_;
  lock.unlock();
  std::exception_ptr thrown;
  try {
    event();
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread cancellation must propagate
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  thrown_ = std::move(thrown);
  event_ = nullptr;
  changed_.notify_all();
}

bool Hatch::write_off() {
  const std::lock_guard lock(mutex_);
  // the time that the caller's own code took is not the call's: it gets all of its time afterwards
  const bool excused = event_ || std::exchange(was_busy_, false);
  was_busy_ = event_ != nullptr;
  if (excused && !returned_) return false;
  left_ = true;
  changed_.notify_all();
  return true;
}

std::optional<WrittenOff> escort(Timer& timer, const std::shared_ptr<Hatch>& hatch,
                                 std::function<void()> job) {
  struct Watch {
    explicit Watch(Timer& of, Hatch& on)
        : timer(of), entry(of.arm(Timer::Clock::time_point::max(), [this, &on] {
            return on.write_off() ? Timer::Clock::time_point::max() : timer.now() + kReturnTime;
          })) {}
    ~Watch() { timer.disarm(entry); }
    Timer& timer;
    const Timer::Id entry;
  } watch(timer, *hatch);
  const OnCancel on_cancel(hatch->cancellation(),
                           [&watch] { watch.timer.move(watch.entry, watch.timer.now() + kReturnTime); });
  Escorted call(hatch, std::move(job));
  if (!hatch->serve()) return WrittenOff{call.number()};
  call.join();
  return std::nullopt;
}

}  // namespace tachikoma::async
