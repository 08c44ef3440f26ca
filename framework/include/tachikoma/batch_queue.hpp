// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/batch.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Is told of a trouble with the queue, which is waited for: once for each that is another than the last.
using QueueTroubleCallback = std::function<void(const Error&)>;

/// How a batch in a queue is. Times are by the clock of the queue's server.
struct QueueStatus {
  struct Waiting {
    std::string model = {};
    std::size_t lines = 0;
  };
  struct InWork {
    std::size_t request = 0;  ///< the number of the line, from 0
    std::string worker = {};
    std::string model = {};
    std::chrono::milliseconds time{0};  ///< since it was taken
  };
  struct Worker {
    std::string name = {};
    std::chrono::milliseconds seen{0};  ///< since it gave its last sign of life
  };

  std::string name = {};
  bool exists = false;  ///< false: nothing else is set
  bool paused = false;
  std::string results_to = {};  ///< the machine that feeds it, and its journal
  std::size_t total = 0;
  std::size_t done = 0;               ///< lines that have a result
  std::size_t uncollected = 0;        ///< of these, whose result waits for the feeder
  std::vector<Waiting> waiting = {};  ///< lines that are fed, and in nobody's work, by their model
  std::vector<InWork> in_work = {};
  std::vector<Worker> workers = {};
  std::chrono::milliseconds age{0};          ///< since it was begun
  std::chrono::milliseconds feeder_seen{0};  ///< since its feeder gave its last sign of life
};

/// The published JSON form (docs/json.md), with the speed and the time that is left if it stays.
TACHIKOMA_API Value to_value(const QueueStatus& status);

/// A batch whose lines are answered by workers (`BatchWorker`) on any number of machines, over a Redis
/// server: docs/scale.md. Thread-safe: each call has a connection of its own.
class TACHIKOMA_API BatchQueue {
 public:
  /// "redis://[USER:PASSWORD@]HOST[:PORT]/NAME", where NAME is that of the batch. Opens no connection. Fails
  /// with `invalid_argument`.
  static Result<BatchQueue> open(std::string_view url);

  /// As `Runtime::batch_file`, but workers answer the lines. Needs neither models nor a configuration; a line
  /// that names no model, and for which `files` names none, is an error. `concurrency` and `stop_on_error`
  /// can't be. A server that is lost is waited for until `options` stop that. Fails with `cancelled` too if
  /// the batch is removed from the queue.
  Result<BatchReport> run(const BatchFiles& files, const BatchOptions& options = {},
                          const QueueTroubleCallback& on_trouble = {}) const;
  Result<QueueStatus> status() const;
  /// Workers take no further line until `resume`. Fails with `invalid_argument` if there is no batch.
  Status pause() const;
  Status resume() const;
  /// Removes the batch, its lines and its results; workers drop what they have. False: there was none.
  Result<bool> cancel() const;
  /// The address, without secrets.
  std::string address() const;

 private:
  class TACHIKOMA_INTERNAL Impl;
  explicit BatchQueue(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tachikoma
