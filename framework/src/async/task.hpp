// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "async/frames.hpp"

namespace tachikoma::async {

/// A meeting point for two threads that each arrive once: the later one sees the effects of the earlier.
class Rendezvous {
 public:
  /// True for the second to arrive. The first must not touch the rendezvous, or what holds it, any more.
  bool second() { return arrived_.exchange(true, std::memory_order_acq_rel); }

 private:
  std::atomic<bool> arrived_ = false;
};

/// A coroutine that returns a `T`, started when awaited, and owned by this object. Its exception propagates
/// from the `co_await`.
///
/// Await a named task or a call with plain arguments, never one with temporaries that own something: g++ 12
/// destroys those twice.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  // Resumes the coroutine here and continues at once if that ended it: the stack does not grow with the
  // number of awaits, whether or not the compiler makes tail calls. Not inlined: the frame may be gone when
  // it returns.
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiting) {
    handle_.promise().waiting = waiting;
    handle_.resume();
    return !handle_.promise().rendezvous.second();
  }
  T await_resume() { return handle_.promise().take(); }

  /// Runs it to completion on this thread; for tasks whose waits all block.
  T get() && {
    handle_.resume();
    return handle_.promise().take();
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

template <class T>
struct Task<T>::promise_type {
  template <class First, class... Others>
  static void* operator new(std::size_t size, const First& first, const Others&...) {
    return Frames::take(size, frames_of(first));
  }
  static void* operator new(std::size_t size) { return Frames::take(size, nullptr); }
  static void operator delete(void* frame) { Frames::give_back(frame); }

  struct End {
    bool await_ready() const noexcept { return false; }
    [[gnu::noinline]] void await_suspend(Handle ended) const noexcept {
      promise_type& promise = ended.promise();
      const std::coroutine_handle<> waiting = promise.waiting;
      if (waiting && promise.rendezvous.second()) waiting.resume();
    }
    void await_resume() const noexcept {}
  };

  Task get_return_object() { return Task(Handle::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  End final_suspend() const noexcept { return {}; }
  template <class Returned = T>
  void return_value(Returned&& result) {
    value.emplace(std::forward<Returned>(result));
  }
  void unhandled_exception() { thrown = std::current_exception(); }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(value);
  }

  std::optional<T> value;
  std::exception_ptr thrown;
  std::coroutine_handle<> waiting;
  Rendezvous rendezvous;  // of the end and its awaiter
};

}  // namespace tachikoma::async
