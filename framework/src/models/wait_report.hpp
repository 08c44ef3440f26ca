// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "models/model_wait.hpp"
#include "models/residents.hpp"

namespace tachikoma::models {

/// Tells a request what it waits for, and its clock that a load got further.
class WaitReport {
 public:
  /// All must outlive it.
  WaitReport(const StayRequest& asked, const Resident& resident, const ModelWait& wait)
      : asked_(asked), resident_(resident), wait_(wait) {}

  /// What has changed since the last time, if anything has.
  void tell();
  /// The wait is over: its times are complete.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void count();

  const StayRequest& asked_;
  const Resident& resident_;
  const ModelWait& wait_;
  std::optional<WaitState> told_;
  Clock::time_point counted_{};  // until when the times are counted
};

}  // namespace tachikoma::models
