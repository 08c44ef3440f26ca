// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "monitors/time_histogram.hpp"
#include "tachikoma/usage_monitor.hpp"

namespace tachikoma::monitors {

/// Counts what generations use, in bounded memory. Not synchronised.
class UsageTally {
 public:
  void add(const GenerationUsage& generation);
  UsageSummary summary() const;

 private:
  struct Tokens {
    std::int64_t sum = 0;
    std::size_t known = 0;
    void add(const std::optional<std::int64_t>& count);
  };
  /// Of the generations whose speed is known.
  struct Speed {
    double tokens = 0, seconds = 0;
    std::size_t known = 0;
    Source source = Source::unknown;  // the least certain one
    void add(const GenerationUsage& generation);
  };

  void add_answer(const GenerationUsage& generation);
  TokenSum sum_of(const Tokens& tokens) const;
  Sourced<double> average() const;

  UsageSummary counts_;  // only what is just counted
  Tokens prompt_, completion_, reasoning_, cached_, total_;
  Speed speed_;
  TimeHistogram total_time_, first_token_, queue_time_, load_time_;
};

}  // namespace tachikoma::monitors
