// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "async/wait.hpp"
#include "tools/tool_runner.hpp"

namespace tachikoma::generate {

/// The calls of one reply, run by their tools.
class ToolRun final : public async::Wait {
 public:
  ToolRun(const async::Execution& execution, const tools::ToolRunner& tools, std::vector<ToolCall> calls,
          CallCancellation& cancellation, Workers& workers, std::string request_id)
      : Wait(execution),
        tools_(tools),
        calls_(std::move(calls)),
        cancellation_(cancellation),
        workers_(workers),
        request_id_(std::move(request_id)) {}

  /// In the order of the calls; valid after the wait.
  const std::vector<tools::ToolOutcome>& outcomes() const { return outcomes_; }

 private:
  void start() override {
    tools_.run(
        std::move(calls_), cancellation_, execution_.timer, workers_,
        [this](std::vector<tools::ToolOutcome> outcomes) {
          outcomes_ = std::move(outcomes);
          finish();
        },
        request_id_);
  }

  const tools::ToolRunner& tools_;
  std::vector<ToolCall> calls_;
  CallCancellation& cancellation_;
  Workers& workers_;
  const std::string request_id_;
  std::vector<tools::ToolOutcome> outcomes_;
};

}  // namespace tachikoma::generate
