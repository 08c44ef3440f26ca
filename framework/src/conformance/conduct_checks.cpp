// SPDX-License-Identifier: MIT
// How a provider behaves while it is called: it ends when it should, takes several calls, and leaves nothing.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/durations.hpp"
#include "conformance/check.hpp"
#include "conformance/listener.hpp"
#include "conformance/resources.hpp"

namespace tachikoma::conformance {
namespace {

constexpr std::size_t kCalls = 8;

std::string took(std::chrono::steady_clock::duration time) {
  return base::describe_time(std::chrono::duration_cast<std::chrono::milliseconds>(time));
}

Verdict in_time(const std::string& name, const std::string& what, std::chrono::steady_clock::duration time) {
  if (time <= kCancelBound) return pass();
  return fail(name + " returns " + took(time) + " after " + what + "; " + took(kCancelBound) +
              " are allowed");
}

Verdict ends_if_cancelled_before(const Subject& subject) {
  return each_provider(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    call.cancellation.request(CancelReason::caller);
    calling("chat() of " + asked.name + ", whose cancellation was requested");
    (void)call.run(asked.provider);
    return in_time(asked.name, "it was called with a cancellation that was requested before", call.time);
  });
}

// A long answer, of which there is more to come when it is cancelled.
std::string long_question() {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "word" + std::to_string(i) + " ";
  return text;
}

Verdict ends_if_cancelled(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    std::chrono::steady_clock::time_point at;
    Call* running = nullptr;
    Call& call = new_call(asked.model, long_question(), [&] {
      at = std::chrono::steady_clock::now();
      running->cancellation.request(CancelReason::caller);
      calling("chat() of " + asked.name + ", whose cancellation was requested");
      return Flow::proceed;
    });
    running = &call;
    (void)call.run(asked.provider);
    if (call.listener.events() == 0) return skip(asked.name + " sends no event");
    return in_time(asked.name, "its cancellation", std::chrono::steady_clock::now() - at);
  });
}

// By another thread, while the provider waits for whatever it waits for.
Verdict ends_if_cancelled_from_outside(const Subject& subject) {
  return each_provider(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, long_question());
    std::atomic<std::int64_t> at = 0;
    const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
    std::thread canceller([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      at = now();
      call.cancellation.request(CancelReason::caller);
    });
    calling("chat() of " + asked.name + ", whose cancellation was requested");
    (void)call.run(asked.provider);
    const std::int64_t end = now();
    canceller.join();
    return in_time(asked.name, "its cancellation",
                   std::chrono::steady_clock::duration(at > 0 ? end - at : 0));
  });
}

Verdict ends_if_stopped(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    std::chrono::steady_clock::time_point at;
    Call& call = new_call(asked.model, long_question(), [&] {
      at = std::chrono::steady_clock::now();
      calling("chat() of " + asked.name + ", whose sink has said stop");
      return Flow::stop;
    });
    (void)call.run(asked.provider);
    if (call.listener.events() == 0) return skip(asked.name + " sends no event");
    if (call.listener.ignored() > 0)
      return fail(asked.name + " calls the sink " + std::to_string(call.listener.ignored()) +
                  " more times after it said stop");
    return in_time(asked.name, "its sink said stop", std::chrono::steady_clock::now() - at);
  });
}

Verdict takes_calls_together(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    std::atomic<std::size_t> failed = 0;
    std::atomic<bool> mixed = false;
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < kCalls; ++i)
      callers.emplace_back([&] {
        Call& call = new_call(asked.model, "Hello");
        const Result<ChatOutcome> answer = call.run(asked.provider);
        const bool busy = !answer && answer.error().retryable;
        if (!answer && !busy) ++failed;
        if (call.listener.foreign_thread()) mixed = true;
      });
    for (std::thread& caller : callers) caller.join();
    if (mixed) return fail(asked.name + " calls the sink of one call on the thread of another");
    if (failed == 0) return pass();
    return fail("of " + std::to_string(kCalls) + " calls of " + asked.name + " at a time, " +
                std::to_string(failed) + " fail, though one alone does not");
  });
}

template <class Judge>
Verdict after_calls(const Subject& subject, const Judge& judge) {
  return each_provider(subject, [&](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    const Verdict verdict = judge([&] {
      (void)asked.provider.chat(call.request, call.listener, {call.cancellation, "check"});
    });
    return verdict.status == CheckStatus::fail ? fail(asked.name + ": " + verdict.reason) : verdict;
  });
}

Verdict leaves_no_threads(const Subject& subject) { return after_calls(subject, judge_threads); }
Verdict leaves_no_files(const Subject& subject) { return after_calls(subject, judge_files); }
Verdict leaves_no_memory(const Subject& subject) {
  return after_calls(subject,
                     [](const std::function<void()>& use) { return judge_memory(use, "a call of chat()"); });
}

}  // namespace

std::span<const Check> conduct_checks() {
  static constexpr std::array kChecks{
      Check{{"conduct.cancelled_before", "a call that was cancelled before it began ends within 0.7 s",
             "ask context.cancellation.requested() before you wait for anything"},
            "provider.answers",
            ends_if_cancelled_before},
      Check{{"conduct.cancelled", "a call that is cancelled while it answers ends within 0.7 s",
             "ask context.cancellation.requested() before each event"},
            "conduct.cancelled_before",
            ends_if_cancelled},
      Check{{"conduct.cancelled_outside", "a call that another thread cancels ends within 0.7 s",
             "use OnCancel to shut down what you wait for, so that the wait ends"},
            "conduct.cancelled",
            ends_if_cancelled_from_outside},
      Check{{"conduct.stopped", "a call whose sink says stop ends within 0.7 s, without another event",
             "return when on_event() gives Flow::stop"},
            "provider.thread",
            ends_if_stopped},
      Check{{"conduct.together", "it takes several calls at a time",
             "chat() is called by several threads at once: guard what they share with a mutex"},
            "provider.thread",
            takes_calls_together},
      Check{{"conduct.threads", "calls leave no thread running",
             "join the threads of a call before it returns"},
            "provider.answers",
            leaves_no_threads},
      Check{{"conduct.files", "calls leave no file or socket open",
             "close what a call opened before it returns"},
            "provider.answers",
            leaves_no_files},
      Check{
          {"conduct.memory", "calls leave no memory allocated",
           "hold memory by values, containers and unique_ptr; let a list of what was said not grow for ever"},
          "conduct.threads",
          leaves_no_memory},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
