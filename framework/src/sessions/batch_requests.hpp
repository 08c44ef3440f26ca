// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "generate/generator.hpp"
#include "sessions/batch_run.hpp"

namespace tachikoma::sessions {

/// The parts of a runtime that a batch needs.
struct BatchParts {
  const generate::Parts& parts;
  const Generator& generator;
  const models::Management& management;
  std::shared_ptr<const void> owner;  ///< of all of them
};

/// As `Runtime::batch_generate`.
Result<std::vector<Result<Reply>>> batch_generate(const BatchParts& parts, std::vector<TextRequest> requests,
                                                  const BatchOptions& options);

}  // namespace tachikoma::sessions
