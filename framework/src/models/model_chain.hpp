// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/runtime_parts.hpp"
#include "async/task.hpp"
#include "calls/attempt.hpp"

namespace tachikoma::policy {

/// A model that can be asked.
struct Target {
  const ProviderSlot* slot = nullptr;
  std::string model;  ///< as its server knows it
  GenerationSettings settings;
  LoadSettings load = {};   ///< for a provider that has to load it
  std::string notice = {};  ///< what of the configuration does not hold for it, a sentence, or empty
};

/// The models that may answer one request: the one that it names, then its fallbacks. Each is looked up when
/// its turn comes.
class ModelChain {
 public:
  ModelChain(RuntimeCore& core, const engine::Calling& calling, std::string_view name,
             GenerationSettings settings)
      : core_(core),
        calling_(calling),
        names_(core.model_names->chain(name)),
        settings_(std::move(settings)) {}

  /// Goes to the first model that is there. The error is the first one's, and says what became of the others.
  engine::Task<Status> start();
  /// Leaves the model, which failed so, for the next one that is there; the same error when there is none.
  engine::Task<Status> fall_back(Error why);

  const Target& target() const { return target_; }
  /// A sentence for the reply when a fallback answers, else empty.
  std::string notice() const;

 private:
  engine::Task<Result<ResolvedModel>> resolve(const std::string& name);
  engine::Task<Status> go_on();
  Error failure() const;

  RuntimeCore& core_;
  const engine::Calling& calling_;
  const std::vector<std::string> names_;
  const GenerationSettings settings_;
  std::vector<Error> failures_;  // of the names before the current one
  Target target_;
};

}  // namespace tachikoma::policy
