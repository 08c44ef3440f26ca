// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "runtime/core.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// A request whose model is resolved and whose settings are complete.
struct PreparedCall {
  const ProviderSlot* slot;
  ChatRequest chat;
  std::stop_token stop;       ///< the caller's: ends in `cancelled`
  std::stop_token left = {};  ///< the consumer wants no more: ends in what came so far
};

/// Runs generations: one call of a provider under its clocks, watched by the monitors.
class Generator {
 public:
  /// `on_delta` may be empty; it is called on this thread. `response_schema` is as in ChatRequest.
  static Result<Reply> generate(std::shared_ptr<RuntimeCore> core, TextRequest request,
                                const DeltaCallback& on_delta, Value response_schema = {});
  static Result<TextStream> stream(std::shared_ptr<RuntimeCore> core, TextRequest request);

  static Result<PreparedCall> prepare(RuntimeCore& core, TextRequest request);
  /// Runs a prepared call to its end on this thread.
  static Result<Reply> run(RuntimeCore& core, const PreparedCall& call, const DeltaCallback& on_delta);

 private:
  static Result<TextStream> start(std::shared_ptr<RuntimeCore> core, PreparedCall call);
};

}  // namespace tachikoma
