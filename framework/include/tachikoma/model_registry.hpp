// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A model and the provider that has it.
struct ListedModel {
  std::string provider;
  std::string address;  ///< "provider::key", accepted wherever a model is named
  ModelInfo info;
};

/// Every model of every provider, and the providers that could not be asked.
struct ModelListing {
  std::vector<ListedModel> models;
  struct Failure {
    std::string provider;
    Error error;
  };
  std::vector<Failure> failures;
};

/// What a name stands for.
struct ResolvedModel {
  std::string provider;
  std::string name;                        ///< what the server is asked for: an instance id or a key
  std::string alias;                       ///< the config entry, or empty
  GenerationSettings settings;             ///< alias over provider over defaults
  LoadSettings load = {};                  ///< the same
  std::string key = {};                    ///< of the model on disk; as `name` where the server has no list
  ModelState state = ModelState::unknown;  ///< as the server's list had it
};

/// Names of models: aliases from the config, addresses on servers, and the one in use.
///
/// A name is `provider::name`, or bare. A bare name is looked up as config alias, instance id, key,
/// last segment of a key (`gpt-oss-20b` of `openai/gpt-oss-20b`), and segment plus quantization suffix
/// (`gpt-oss-120b-q4_k_m`); in that order, case-insensitively; the first step with a match decides, and
/// more than one match is an error that lists them. `provider::current` is the loaded model used last.
/// Keys contain `/`, `:` and `@`: nothing is split on those. A path to an existing `.gguf` file is a model of
/// the first provider of plugin `llamacpp`, or of that which is named.
///
/// Thread-safe. Lists are fetched from servers when they are first needed and again when a name is not
/// in them. A server without a list is sent the name as it is.
class ModelRegistry {
 public:
  /// The aliases of the config, in its order.
  std::vector<std::string> aliases() const;

  /// Asks every provider for its models.
  ModelListing list(std::stop_token stop = {}) const;

  /// What `name` stands for; empty means the selected model. `model_not_found` has near names in
  /// `detail.near`; an ambiguous name is `invalid_argument` with the candidates in `detail.candidates`.
  Result<ResolvedModel> resolve(std::string_view name, std::stop_token stop = {}) const;

  /// Selects the model that requests without a name use from now on, after resolving it; running
  /// generations keep theirs. On error the selection stays.
  Result<ResolvedModel> use(std::string_view name, std::stop_token stop = {});
  /// The selected name: what `use` was last given, else `defaults.model`; may be empty.
  std::string selected() const;

  class Impl;
  explicit ModelRegistry(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

Value to_value(const ListedModel& model);

}  // namespace tachikoma
