// SPDX-License-Identifier: MIT
// How long a feeder and a worker wait, and for what: docs/scale.md has the same numbers.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::queue {

using WaitClock = std::chrono::steady_clock;

/// How often a worker without work looks for some, and a feeder for results: a fraction of what a line takes,
/// and a few requests a second for Redis, which does a hundred thousand.
inline constexpr std::chrono::milliseconds kLookAgain{100};

/// After a server was lost it is tried again after the first of these, then after twice as long, up to the
/// last: a restart is noticed within that.
inline constexpr std::chrono::milliseconds kFirstRetry{100}, kLastRetry{5000};

/// How long a worker believes what it knows of which models it has.
inline constexpr std::chrono::seconds kModelsKnownFor{30};

/// How long a worker leaves a model alone whose server failed it, up to the last: others may have it.
inline constexpr std::chrono::seconds kFirstRest{2}, kLastRest{60};

/// Returns when the time is over, or a stop is requested.
inline void wait_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;  // guards nothing: the wait needs one
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
}

/// The times between attempts to reach a server.
class Retries {
 public:
  std::chrono::milliseconds next() { return std::exchange(next_, std::min(next_ * 2, kLastRetry)); }
  void reset() { next_ = kFirstRetry; }

 private:
  std::chrono::milliseconds next_ = kFirstRetry;
};

/// Whether an error of the server is one that may pass. What it refuses from the start may not.
inline bool may_pass(const Error& error) {
  return error.code == ErrorCode::unreachable || error.code == ErrorCode::overloaded ||
         error.code == ErrorCode::protocol || error.code == ErrorCode::unauthenticated ||
         error.code == ErrorCode::forbidden;
}

/// Tells of a trouble once, however often it is met.
template <class Callback>
class Troubles {
 public:
  explicit Troubles(const Callback& tell) : tell_(tell) {}
  void met(const Error& error) {
    if (std::exchange(last_, error.message) != error.message && tell_) tell_(error);
  }
  void passed() { last_.clear(); }

 private:
  const Callback& tell_;
  std::string last_;
};

}  // namespace tachikoma::queue
