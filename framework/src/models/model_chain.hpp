// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "async/workers.hpp"
#include "calls/attempt.hpp"
#include "calls/providers.hpp"
#include "models/model_registry.hpp"

namespace tachikoma::models {

/// A model, resolved and ready to be called.
struct ResolvedTarget {
  const calls::ConfiguredProvider* provider = nullptr;
  KnownNames::Model found = {};
  GenerationSettings settings = {};
  std::optional<LoadSettings> own_load = {};  ///< in place of those of `found`
  std::string lost_settings = {};  ///< a sentence on configured settings that don't apply; or empty

  /// As its server knows it.
  const std::string& model() const { return found->name; }
  /// For a provider that has to load it.
  const LoadSettings& load() const { return own_load ? *own_load : found->load; }
};

/// The models that may answer one request: the one that it names, then its fallbacks. Each is resolved when
/// its turn comes.
class ModelChain {
 public:
  /// Lists that have to be fetched for a name are fetched on one of `lookups`.
  ModelChain(const ModelRegistry::Impl& registry, const calls::Providers& providers, Workers& lookups,
             const calls::RequestContext& request, std::string_view name, GenerationSettings settings)
      : registry_(registry),
        providers_(providers),
        lookups_(lookups),
        request_(request),
        first_(registry.spelled_out(name)),
        fallbacks_(registry.fallbacks_of(first_)),
        settings_(std::move(settings)) {}

  /// Moves to the first available model. The error is that of the first name, and mentions the others.
  async::Task<Status> start();
  /// Moves on from the model, which failed with `why`, to the next available one; the same error if there is
  /// none.
  async::Task<Status> fall_back(Error why);

  const ResolvedTarget& target() const { return target_; }
  /// The number of models that could not answer before it.
  std::size_t fallbacks() const { return failures_.size(); }
  async::Frames* frames() const { return request_.frames(); }
  /// Sentences for the reply: that a fallback answers, and what is to be known of its model.
  std::vector<std::string> notices() const;

 private:
  async::Task<Status> go_on();
  const std::string& name() const { return failures_.empty() ? first_ : fallbacks_[failures_.size() - 1]; }
  std::string fallback_notice() const;
  Error failure() const;

  const ModelRegistry::Impl& registry_;
  const calls::Providers& providers_;
  Workers& lookups_;
  const calls::RequestContext& request_;
  const std::string first_;
  const std::span<const std::string> fallbacks_;
  const GenerationSettings settings_;
  std::vector<Error> failures_;  // of the names before the current one
  ResolvedTarget target_;
};

}  // namespace tachikoma::models
