// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "api/runtime_parts.hpp"
#include "generate/generation.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// Generations in the forms that applications wait for; `engine::start` is for the others.
class Generator {
 public:
  /// `on_delta` may be empty; it is called on this thread.
  static Result<Reply> generate(std::shared_ptr<RuntimeCore> core, engine::Order order,
                                const DeltaCallback& on_delta);
  static Result<TextStream> stream(std::shared_ptr<RuntimeCore> core, engine::Order order);

 private:
  static Result<std::unique_ptr<engine::Generation>> prepare(RuntimeCore& core, engine::Order order);
  static Result<TextStream> read(std::shared_ptr<RuntimeCore> core,
                                 std::unique_ptr<engine::Generation> generation);
};

}  // namespace tachikoma
