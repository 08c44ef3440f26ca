// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "tachikoma/api.hpp"
#include "tachikoma/batch_queue.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

class Runtime;

/// How to work.
struct BatchWorkerOptions {
  /// How many lines run at a time; absent: as in `BatchOptions`.
  std::optional<std::size_t> concurrency = {};
  /// Ends the work: what runs is cancelled and given back for others.
  std::stop_token stop = {};
  /// After so long without a sign of life a worker is dead, and its lines are taken over. The same for all
  /// workers of a batch; they give five signs in that time.
  std::chrono::milliseconds dead_after = std::chrono::seconds(15);
  /// How often a line is tried: what an attempt ends with that is not its answer is a dead worker, or a fault
  /// of the worker such as a server that is down.
  std::size_t attempts = 3;
  QueueTroubleCallback on_trouble = {};
};

/// What a worker did.
struct BatchWorkerReport {
  std::size_t answered = 0;    ///< lines whose result it recorded
  std::size_t failed = 0;      ///< of these, lines that failed
  std::size_t given_back = 0;  ///< lines that it could not answer, or not any more
};

/// The published JSON form (docs/json.md).
TACHIKOMA_API Value to_value(const BatchWorkerReport& report);

/// Answers the lines of a batch that is in a queue, with a runtime's models: docs/scale.md.
class TACHIKOMA_API BatchWorker {
 public:
  /// Uses the configuration that the runtime has now. The URL is that of `BatchQueue::open`. Opens no
  /// connection.
  static Result<BatchWorker> open(Runtime& runtime, std::string_view url);

  /// Works until `stop`, on this thread: it waits for batches of that name, one after the other, and for a
  /// server that is lost. Takes only lines for models that the runtime has, one model at a time. Fails at
  /// once if what answers at first is not Redis, or refuses us.
  Result<BatchWorkerReport> run(const BatchWorkerOptions& options = {}) const;

  /// Its name among the workers: the machine's, the process's number and four digits.
  const std::string& name() const;
  /// The address of the queue, without secrets.
  std::string address() const;

 private:
  class TACHIKOMA_INTERNAL Impl;
  explicit BatchWorker(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tachikoma
