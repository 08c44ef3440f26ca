// SPDX-License-Identifier: MIT
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "tachikoma/runtime.hpp"

namespace tachikoma {

/// A generation to be awaited; see `generate`.
class AwaitedGeneration {
 public:
  AwaitedGeneration(Runtime& runtime, TextRequest request, DeltaCallback on_delta)
      : runtime_(runtime), request_(std::move(request)), on_delta_(std::move(on_delta)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    runtime_.stream_text_async(std::move(request_), std::move(on_delta_),
                               [this, waiting](Result<Reply> reply) {
                                 reply_.emplace(std::move(reply));
                                 waiting.resume();
                               });
  }
  Result<Reply> await_resume() { return *std::move(reply_); }

 private:
  Runtime& runtime_;
  TextRequest request_;
  DeltaCallback on_delta_;
  std::optional<Result<Reply>> reply_;
};

/// `Result<Reply> reply = co_await generate(runtime, std::move(request));`, in a coroutine of any kind. It
/// goes on on a thread of the runtime's that serves other generations too: leave it before you block.
/// `on_delta` is called there as well. End it with `request.stop`. Pass a request that has a name: g++ 12
/// destroys twice what a braced list within a `co_await` made.
inline AwaitedGeneration generate(Runtime& runtime, TextRequest request, DeltaCallback on_delta = {}) {
  return {runtime, std::move(request), std::move(on_delta)};
}

}  // namespace tachikoma
