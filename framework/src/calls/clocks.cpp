// SPDX-License-Identifier: MIT
#include "calls/clocks.hpp"

#include <string>
#include <time.h>

#include "base/durations.hpp"

namespace tachikoma {
namespace {

using std::chrono::milliseconds;

// Read once per delta: the coarse clock costs a fifth of the exact one, and its 4 ms don't matter here.
Timer::Clock::time_point coarse_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return Timer::Clock::time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

constexpr auto kNever = Timer::Clock::duration::max();

Timer::Clock::duration or_never(milliseconds limit) {
  return limit.count() == 0 ? kNever : Timer::Clock::duration(limit);
}

struct ClockText {
  std::string_view name, what;
  milliseconds limit;
};

ClockText describe(CancelReason clock, const ClockLimits& limits) {
  switch (clock) {
    case CancelReason::connect: return {"connect", "no connection to", limits.connect};
    case CancelReason::load: return {"load", "no loaded model at", limits.load};
    case CancelReason::first_token: return {"first_token", "no first token from", limits.first_token};
    case CancelReason::between_tokens:
      return {"between_tokens", "no further token from", limits.between_tokens};
    default: return {"total", "no end of the call to", limits.total};
  }
}

}  // namespace

ClockLimits clock_limits(const Timeouts& configured) {
  return {.connect = configured.connect.value_or(std::chrono::seconds(5)),
          .load = configured.load.value_or(std::chrono::minutes(10)),
          .first_token = configured.first_token.value_or(std::chrono::minutes(5)),
          .between_tokens = configured.between_tokens.value_or(std::chrono::minutes(2)),
          .total = configured.total.value_or(milliseconds(0))};
}

ClockLimits question_limits(ClockLimits limits) {
  constexpr milliseconds kForAnAnswer{30'000};
  if (limits.first_token.count() > 0 && limits.first_token <= kForAnAnswer) return limits;
  limits.first_token = kForAnAnswer;
  limits.question = true;
  return limits;
}

CallClocks::CallClocks(Timer& timer, const ClockLimits& limits, CallCancellation& cancellation)
    : timer_(timer),
      limits_(limits),
      cancellation_(cancellation),
      left_{or_never(limits.connect), or_never(limits.load), or_never(limits.first_token),
            or_never(limits.between_tokens)},
      deadline_(after(left_.front())),
      check_at_(deadline_.load()),
      entry_(timer.arm(deadline_.load(), [this] { return check(); })) {}

CallClocks::~CallClocks() { timer_.disarm(entry_); }

void CallClocks::on_phase(Phase phase) {
  switch (phase) {
    case Phase::connecting: return enter(CancelReason::connect);
    case Phase::loading: return enter(CancelReason::load);
    case Phase::waiting: return enter(CancelReason::first_token);
  }
}

Timer::Clock::time_point CallClocks::token() {
  if (clock_.load(std::memory_order_relaxed) != CancelReason::between_tokens)
    enter(CancelReason::between_tokens);
  const Clock::time_point now = coarse_now();
  const Clock::duration time = or_never(limits_.between_tokens);
  deadline_.store(time == kNever ? Clock::time_point::max() : timer_.at(now) + time,
                  std::memory_order_relaxed);
  return now;
}

void CallClocks::advance() { resume(or_never(limit())); }

void CallClocks::pause() { deadline_.store(Clock::time_point::max(), std::memory_order_relaxed); }

Timer::Clock::duration CallClocks::left() const {
  const Clock::time_point deadline = deadline_.load(std::memory_order_relaxed);
  return deadline == Clock::time_point::max() ? kNever : deadline - timer_.now();
}

void CallClocks::resume(Clock::duration left) { set_deadline(after(left)); }

void CallClocks::enter(CancelReason clock) {
  const CancelReason before = clock_.load(std::memory_order_relaxed);
  if (clock == before) return;
  const Clock::time_point now = timer_.now(), deadline = deadline_.load(std::memory_order_relaxed);
  if (deadline != Clock::time_point::max())  // a paused clock keeps what it had when it was entered
    left_of(before) = deadline - now;
  clock_.store(clock, std::memory_order_relaxed);
  const Clock::duration time = left_of(clock);
  set_deadline(time == kNever ? Clock::time_point::max() : now + time);
}

void CallClocks::set_deadline(Clock::time_point deadline) {
  deadline_.store(deadline);
  if (deadline < check_at_.load()) timer_.move(entry_, deadline);
}

Timer::Clock::time_point CallClocks::after(Clock::duration time) const {
  return time == kNever ? Clock::time_point::max() : timer_.now() + time;
}

Timer::Clock::duration& CallClocks::left_of(CancelReason clock) {
  return left_[static_cast<std::size_t>(clock) - static_cast<std::size_t>(CancelReason::connect)];
}

milliseconds CallClocks::limit() const {
  return describe(clock_.load(std::memory_order_relaxed), limits_).limit;
}

// Tokens, pauses and later deadlines are only noted: the timer looks at the old one, notices, and looks
// again.
Timer::Clock::time_point CallClocks::check() {
  for (;;) {
    const Clock::time_point next = next_check();
    check_at_.store(next);
    // an earlier deadline that came meanwhile may have found the old time of the check, and told nobody
    if (next_check() >= next || next == Clock::time_point::max()) return next;
  }
}

Timer::Clock::time_point CallClocks::next_check() {
  const Clock::time_point deadline = deadline_.load();
  if (deadline == Clock::time_point::max()) return after(or_never(limit()));  // paused, or without a limit
  if (timer_.now() < deadline) return deadline;
  cancellation_.request(clock_.load(std::memory_order_relaxed));
  return Clock::time_point::max();
}

Error timeout_error(CancelReason clock, const ClockLimits& limits, std::string_view provider) {
  const ClockText text = describe(clock, limits);
  const bool ours = limits.question && clock != CancelReason::connect && clock != CancelReason::load;
  Error error(
      ErrorCode::timeout,
      std::string(ours ? "no answer from" : text.what) + " '" + std::string(provider) + "' within " +
          base::describe_time(text.limit),
      ours ? "see whether the server is stuck or too busy: its log may tell"
           : "raise timeouts." + std::string(text.name) + " of the provider (0 is never), or ask for less",
      Value::object({{"clock", text.name}, {"limit_ms", text.limit.count()}}));
  error.retryable = clock == CancelReason::connect;
  return error;
}

}  // namespace tachikoma
