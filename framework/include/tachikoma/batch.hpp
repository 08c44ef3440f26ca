// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "tachikoma/api.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// How far a batch is.
struct BatchProgress {
  std::size_t done = 0;    ///< requests that have ended, those that failed included
  std::size_t failed = 0;  ///< of these
  std::size_t total = 0;
};

/// How to run a batch.
struct BatchOptions {
  /// How many requests run at a time, at least 1: one after another. Absent: as many as the model in memory
  /// takes at a time (its `parallel`), asked of the server; `kDefaultConcurrency` if that does not say.
  std::optional<std::size_t> concurrency = {};
  /// Begins no further request when one has failed; those that run are waited for.
  bool stop_on_error = false;
  /// What runs then is cancelled, and fails with `timeout`, like what was not begun.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  /// Cancels what runs, on the server too; what was not begun fails with `cancelled`.
  std::stop_token stop = {};
  /// Called on the thread that runs the batch, whenever a request has ended. An exception cancels the batch,
  /// and propagates out of it.
  std::function<void(const BatchProgress&)> on_progress = {};

  static constexpr std::size_t kDefaultConcurrency = 4;
};

/// The files of a batch, as OpenAI's batch API has them: docs/batch.md.
struct BatchFiles {
  std::string input = {};
  std::string output = {};
  std::string errors = {};  ///< of the lines that failed; empty: `output` with `.errors.jsonl` for its ending
  std::string model = {};   ///< of lines that name none; empty: the registry's selected model
  bool resume = false;      ///< goes on with what the journal of an earlier run has
};

/// A finished batch of files.
struct BatchReport {
  std::size_t total = 0;
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t resumed = 0;  ///< of these, how many an earlier run had finished
  std::size_t models = 0;   ///< that were asked by this run, one after another
  std::chrono::nanoseconds time{0};
  std::string output = {};
  std::string errors = {};  ///< empty: none failed
};

/// The published JSON form (docs/json.md).
TACHIKOMA_API Value to_value(const BatchReport& report);

}  // namespace tachikoma
