// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "tachikoma/plugin/call_context.hpp"

namespace tachikoma::kit {

/// The limits of one exchange with a server.
struct CallScope {
  using Clock = std::chrono::steady_clock;

  Cancellation& cancellation;
  /// Only for probes that must be short; generations are bounded by the host, through `cancellation`.
  std::optional<Clock::time_point> deadline = {};
  PhaseListener* phases = nullptr;

  /// The scope of a call from the host.
  static CallScope of(const CallContext& context) { return {context.cancellation, {}, context.phases}; }

  void enter(Phase phase) const {
    if (phases) phases->on_phase(phase);
  }

  bool expired() const { return deadline && Clock::now() >= *deadline; }
  /// The time left until the deadline, for poll(2): -1 without one.
  int poll_timeout() const {
    if (!deadline) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }
};

}  // namespace tachikoma::kit
