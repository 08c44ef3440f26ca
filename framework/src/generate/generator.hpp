// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "generate/generation.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// Runs generations, in the three forms that applications use. Thread-safe.
class Generator {
 public:
  /// Everything that `parts` refers to must outlive it.
  explicit Generator(const generate::Parts& parts) : parts_(parts) {}

  /// `on_delta` may be empty; it is called on this thread.
  Result<Reply> generate(generate::GenerationRequest&& request, const DeltaCallback& on_delta) const;
  /// The stream keeps `owner` alive, which owns everything that `parts` refers to.
  Result<TextStream> stream(generate::GenerationRequest&& request, std::shared_ptr<const void> owner) const;
  /// Starts an asynchronous generation. `on_done` is called exactly once, on a thread of `parts`,
  /// and so is `on_delta`, which may be empty, before; `Threads` waits for it when it is destroyed. It keeps
  /// `owner` alive, as `stream` does, except for the threads.
  void start(generate::GenerationRequest request, DeltaCallback on_delta, ReplyCallback on_done,
             std::shared_ptr<const void> owner) const;

 private:
  Result<std::unique_ptr<generate::Generation>> prepare(generate::GenerationRequest&& request) const;
  static Result<TextStream> read(std::shared_ptr<const void> owner,
                                 std::unique_ptr<generate::Generation> generation);

  generate::Parts parts_;
};

}  // namespace tachikoma
