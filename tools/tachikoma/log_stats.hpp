// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/sqlite.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {

/// A generation, as far as statistics need it. Times are in seconds, nullopt is what is not known.
struct LoggedGeneration {
  std::string model;      ///< "provider::model"
  double started_at = 0;  ///< since 1970, UTC
  bool failed = false, cancelled = false, cached = false, switched = false;
  std::int64_t retries = 0, tool_uses = 0;
  double total = 0, queue = 0, load = 0;
  std::optional<double> first_token, tokens_per_second;
  std::optional<std::int64_t> prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens;
};

/// Reads those that the options ask for, in the order of their ends.
Result<std::vector<LoggedGeneration>> read_generations(base::Database& log, const Options& options);

/// A sum of what is known, and of how many.
struct KnownSum {
  double sum = 0;
  std::size_t known = 0;

  void add(double value) {
    sum += value;
    ++known;
  }
};

/// Times, of which it says the exact percentiles: the smallest that so many are not above.
class Times {
 public:
  void add(double seconds) { all_.push_back(seconds); }
  std::size_t count() const { return all_.size(); }
  double mean() const;
  double max() const { return percentile(100); }
  /// 0 if there is none.
  double percentile(double percent) const;

 private:
  mutable std::vector<double> all_;
  mutable std::size_t sorted_ = 0;  // how many of them are in order
};

/// What was asked of one model, or of all.
struct ModelStatistics {
  std::size_t requests = 0, failed = 0, cancelled = 0, cached = 0, switches = 0;
  std::int64_t retries = 0, tool_runs = 0;
  KnownSum prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens;
  KnownSum timed_tokens, generating_time;  ///< of those whose speed is known
  Times first_token, total, queue, load;

  void add(const LoggedGeneration& generation);
  /// Tokens by the time that generating them took; nullopt if no speed is known.
  std::optional<double> tokens_per_second() const;
};

struct LogStatistics {
  double first = 0, last = 0;  ///< when the first and the last began, in seconds since 1970, UTC
  ModelStatistics overall;
  std::map<std::string, ModelStatistics> models;
};

LogStatistics statistics_of(const std::vector<LoggedGeneration>& generations);

/// The published JSON form (docs/json.md).
Value to_value(const LogStatistics& statistics);

/// The same for people: a table of what was asked, and one of how long it took.
std::string statistics_text(const LogStatistics& statistics, std::size_t room);

}  // namespace tachikoma::cli
