// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/cancellation.hpp"
#include "async/timer.hpp"
#include "async/workers.hpp"
#include "tachikoma/plugin/tool.hpp"
#include "tools/tool_runner.hpp"

namespace tachikoma::tools {

/// Turns an outcome into a failure, worded for the model.
void fail(ToolOutcome& outcome, const Error& error);

/// The error for a call that was cancelled.
Error cancelled(const ToolCall& call);

/// The calls of one reply while they run. Kept alive by its jobs.
class ToolBatch : public std::enable_shared_from_this<ToolBatch> {
 public:
  /// A call that can be run.
  struct PendingCall {
    std::size_t position;  ///< of its outcome
    std::shared_ptr<Tool> tool;
    Value arguments;
  };
  struct Setting {
    CallCancellation& cancellation;
    Timer& timer;
    std::string request_id;
    std::chrono::milliseconds time_limit;
  };

  ToolBatch(Setting setting, std::vector<PendingCall> tasks, std::vector<ToolOutcome> outcomes,
            std::function<void(std::vector<ToolOutcome>)> finished);

  /// Runs the tasks, at most `max_parallel` at a time.
  void start(Workers& workers, std::size_t max_parallel);

 private:
  void work();
  ToolOutcome& outcome_of(const PendingCall& task) { return outcomes_[task.position]; }
  Result<std::string> answer(PendingCall& task);

  const Setting setting_;
  std::vector<PendingCall> tasks_;
  std::vector<ToolOutcome> outcomes_;  // each is written by the one job that took its task
  std::function<void(std::vector<ToolOutcome>)> finished_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> unfinished_;
};

}  // namespace tachikoma::tools
