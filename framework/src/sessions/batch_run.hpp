// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "models/management.hpp"
#include "models/model_registry.hpp"
#include "tachikoma/batch.hpp"

namespace tachikoma::sessions {

/// The requests of one model, by their numbers.
struct BatchGroup {
  std::string model = {};  ///< the name by which one of them asks for it
  std::vector<std::size_t> requests = {};
};

/// Requests by the model that they are for, in the order in which the models first appear: whatever the names
/// by which they ask for it, and in the order of the requests. `model_of` is called with 0 to `count` - 1.
std::vector<BatchGroup> group_by_model(const ModelRegistry::Impl& registry, std::size_t count,
                                       const std::function<std::string(std::size_t)>& model_of,
                                       std::stop_token stop);

/// What runs in a batch.
class BatchWork {
 public:
  virtual ~BatchWork() = default;
  /// Begins a request. `done` is called once, on any thread, even from within this.
  virtual void start(std::size_t request, std::stop_token stop, std::function<void()> done) = 0;
  /// It has ended. Called on the thread of `run_batch`; with `late` if the batch's deadline had passed. True
  /// if it succeeded; an error ends the batch.
  virtual Result<bool> end(std::size_t request, const std::optional<Error>& late) = 0;
};

/// How many requests the model takes at a time; nullopt if it is not in memory, or does not say.
std::optional<std::size_t> parallel_of(const models::Management& management, const std::string& model,
                                       const std::stop_token& stop);

/// Runs the groups one after another, so that one model is in use at a time. Returns when no request runs any
/// more: why the rest was not begun, or nothing. `progress` is where it begins.
Result<std::optional<Error>> run_batch(const std::vector<BatchGroup>& groups, BatchWork& work,
                                       const models::Management& management, const BatchOptions& options,
                                       BatchProgress progress);

}  // namespace tachikoma::sessions
