// SPDX-License-Identifier: MIT
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "tachikoma/runtime.hpp"

namespace tachikoma {

/// An awaitable generation; see `generate`.
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

/// `Result<Reply> reply = co_await generate(runtime, std::move(request));`, in any kind of coroutine. The
/// coroutine resumes on a thread of the runtime that serves other generations too, and `on_delta` is called
/// there: don't block it. `request.stop` cancels the generation. Pass a named request: g++ 12 destroys a
/// temporary made from a braced list inside `co_await` twice.
inline AwaitedGeneration generate(Runtime& runtime, TextRequest request, DeltaCallback on_delta = {}) {
  return {runtime, std::move(request), std::move(on_delta)};
}

}  // namespace tachikoma
