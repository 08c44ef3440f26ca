// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "sessions/batch_line.hpp"
#include "sessions/batch_requests.hpp"

namespace tachikoma::sessions {

/// Answers lines of batches, of files and of queues. Thread-safe.
class LineAnswering {
 public:
  explicit LineAnswering(const BatchParts& parts) : parts_(parts) {}

  /// Begins to answer the line with that number. `done` gets its line of the output, or why there is none;
  /// it is called once, on any thread, even from within this. What `parts` refers to must live until then.
  void start(std::size_t request, BatchLine line, std::stop_token stop,
             std::function<void(Result<Value>)> done) const;

 private:
  void on_worker(std::function<void()> job) const;
  Result<Reply> object(const generate::GenerationRequest& request) const;

  const BatchParts parts_;
};

}  // namespace tachikoma::sessions
