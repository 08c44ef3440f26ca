// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma {

class Runtime;

/// What one generation has used: that of one request, with all its steps, tool runs and attempts.
struct GenerationUsage {
  enum class Outcome : std::uint8_t {
    finished,
    failed,
    cancelled,  ///< by a stop token, a stream that was left, or a callback
  };
  Outcome outcome = Outcome::finished;
  std::chrono::system_clock::time_point time = {};  ///< when it ended
  std::string request_id = {};
  std::string provider = {};
  std::string model = {};  ///< the model that was asked last; a fallback, if the others could not answer
  std::string served_model = {};  ///< the model that answered, as the server names it; empty: it does not
  std::string server = {};        ///< the address of the last server asked; empty: unknown
  Error error = {};               ///< of one that failed, or was stopped before it had an answer
  Finish finish = Finish::unknown;
  Usage usage = {};  ///< token counts as the server reported them, over all steps; absent if it did not
  std::chrono::nanoseconds total_time{0};
  Sourced<std::chrono::nanoseconds> time_to_first_token{};
  Sourced<double> tokens_per_second{};         ///< while generating
  Sourced<double> prompt_tokens_per_second{};  ///< while reading prompts, without what was cached
  std::chrono::nanoseconds queue_time{0};      ///< until it was its turn: in memory, and at its server
  std::chrono::nanoseconds load_time{0};       ///< until its model was loaded, if it waited for that
  std::vector<std::string> displaced = {};     ///< models that were unloaded for it: "provider::key"
  std::size_t steps = 0;                       ///< requests that the model answered
  std::size_t retries = 0;                     ///< requests that were repeated after a failure
  std::size_t fallbacks = 0;                   ///< models before `model` that could not answer
  std::vector<ToolUse> tool_uses = {};
  bool cached = false;  ///< the answer is of the response cache: no model was asked
};

/// "finished", "failed" or "cancelled".
constexpr std::string_view to_string(GenerationUsage::Outcome outcome) noexcept {
  switch (outcome) {
    case GenerationUsage::Outcome::finished: return "finished";
    case GenerationUsage::Outcome::failed: return "failed";
    case GenerationUsage::Outcome::cancelled: return "cancelled";
  }
  return "failed";
}

/// Tokens of several generations.
struct TokenSum {
  Sourced<std::int64_t> sum{};         ///< of those that the servers reported
  std::size_t known = 0, unknown = 0;  ///< generations of which they did, and did not
};

/// How a time is distributed over several generations.
struct TimeSummary {
  std::size_t count = 0;  ///< generations of which it is known
  Sourced<std::chrono::nanoseconds> mean{};
  /// The least time that 50, 90 or 99 of 100 do not exceed: within 1 %, or within 1 µs if it is shorter.
  Sourced<std::chrono::nanoseconds> p50{}, p90{}, p99{};
  Sourced<std::chrono::nanoseconds> max{};
};

/// What several generations have used. One that the response cache answered is only counted.
struct UsageSummary {
  std::size_t requests = 0;  ///< all of them
  std::size_t failed = 0, cancelled = 0;
  TokenSum prompt_tokens{}, completion_tokens{}, reasoning_tokens{};
  TokenSum cached_tokens{};  ///< prompt tokens that servers had read before, and kept
  TokenSum total_tokens{};   ///< prompt and completion, where both are known
  /// Completion tokens by the time of generating them, of the generations whose speed is known.
  Sourced<double> tokens_per_second{};
  TimeSummary total_time{};               ///< of those that finished
  TimeSummary time_to_first_token{};      ///< of those that had one
  TimeSummary queue_time{}, load_time{};  ///< of all; nothing, where there was nothing to wait for
  std::size_t steps = 0, retries = 0, fallbacks = 0;
  std::size_t switches = 0;  ///< models that were unloaded because others needed their place
  std::size_t cache_hits = 0;
  std::size_t tool_runs = 0, failed_tool_runs = 0;
};

/// The generations of one model, as it was asked for.
struct ModelUsage {
  std::string provider = {}, model = {};
  UsageSummary usage = {};
};

struct UsageStatistics {
  std::chrono::system_clock::time_point since = {};
  UsageSummary overall = {};
  std::vector<ModelUsage> models = {};  ///< by name; beyond the first 200 models, only `overall` counts
  std::uint64_t missed = 0;             ///< generations that are not in it: the callback was too slow
};

/// The published JSON form (docs/json.md).
TACHIKOMA_API Value to_value(const UsageStatistics& statistics);
/// For people: a line on all generations, and one on each model.
TACHIKOMA_API std::vector<std::string> describe(const UsageStatistics& statistics);

using UsageCallback = std::function<void(const GenerationUsage&)>;

/// Sees every generation of a runtime that ends while this exists, also after `Runtime::reload`. It delays
/// none: it has a thread of its own, and a queue of 1024; those for which there is no place in it are
/// counted as missed.
///
/// Thread-safe. It may outlive its runtime.
class TACHIKOMA_API UsageMonitor {
 public:
  /// Throws std::system_error if no thread can be started.
  explicit UsageMonitor(const Runtime& runtime);
  UsageMonitor(UsageMonitor&&) noexcept;
  UsageMonitor& operator=(UsageMonitor&&) noexcept;
  /// Delivers what is queued, as long as the callback finishes one every 2 seconds; then its thread is left
  /// to itself. Within the callback itself nothing can be waited for: what is queued is dropped. In any case
  /// the callback is not called again afterwards.
  ~UsageMonitor();

  /// Called after each generation from now on, one at a time, on the monitor's own thread; `statistics` has
  /// that generation by then. What it throws is logged. Replaces the last one, which may still be running;
  /// empty: none.
  void on_generation(UsageCallback callback);
  UsageStatistics statistics() const;
  /// Waits until all generations that have ended so far are counted and delivered; not for a callback that
  /// takes longer than 2 seconds, and not at all within the callback.
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma
