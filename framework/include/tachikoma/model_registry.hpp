// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A model and its provider.
struct ListedModel {
  std::string provider = {};
  std::string address = {};  ///< "provider::key", accepted wherever a model is named
  ModelInfo info = {};
};

/// Every model of every provider, and the providers that could not be queried.
struct ModelListing {
  std::vector<ListedModel> models = {};
  struct Failure {
    std::string provider = {};
    Error error = {};
  };
  std::vector<Failure> failures;
};

/// What a model name resolves to.
struct ResolvedModel {
  std::string provider = {};
  std::string name = {};                   ///< the name sent to the server: an instance id or a key
  std::string alias = {};                  ///< the config entry; empty: none
  GenerationSettings settings = {};        ///< merged: alias over provider over defaults
  LoadSettings load = {};                  ///< merged likewise
  std::string key = {};                    ///< of the model on disk; `name` if the server lists no models
  ModelState state = ModelState::unknown;  ///< from the server's list
  ModelKind kind = ModelKind::unknown;     ///< likewise
  ModelOwner owner = ModelOwner::managed;  ///< who brings it into memory
  /// A sentence if the list lacks the model, and its name is sent all the same; else empty.
  std::string notice = {};
  std::string system = {};  ///< of the config entry, for requests without a system message of their own
};

/// Resolves model names: aliases of the config, addresses on servers, and the current selection.
///
/// A name is `provider::name`, or bare. A bare name is a config alias; else, like the one of an address, it
/// is looked up among the instance ids, the keys, and the other names that servers list: as it is spelled,
/// then in any case of letters. Then the last segments of a key name it (`gpt-oss-20b` of
/// `openai/gpt-oss-20b`), and those plus a quantization suffix (`gpt-oss-120b-q4_k_m`). The first step with a
/// match decides; several matches are an error that lists them. `provider::current` is the most recently used
/// loaded model. Keys may contain `/`, `:` and `@`, so names are not split on those. The path of a file is a
/// model of the named provider, or of the first one that runs models from files.
///
/// A name that the list lacks is `model_not_found`. It is sent all the same, with a notice, if there is no
/// list, if it is the key of an alias, or if it is an address on a server that may have more than it lists.
///
/// Thread-safe. Model lists are fetched from the servers when first needed, and again when a name is not in
/// them. A provider that lists no models is sent the name unchanged.
class TACHIKOMA_API ModelRegistry {
 public:
  /// The aliases of the config, in the order of the file.
  std::vector<std::string> aliases() const;

  /// Lists the models of every provider.
  ModelListing list(std::stop_token stop = {}) const;

  /// Resolves `name`; empty means the selected model. `model_not_found` has similar names in `detail.near`;
  /// an ambiguous name is `invalid_argument` with the candidates in `detail.candidates`.
  Result<ResolvedModel> resolve(std::string_view name, std::stop_token stop = {}) const;

  /// Resolves `name` and selects it for later requests that name no model; running generations keep theirs.
  /// On error the selection is unchanged.
  Result<ResolvedModel> use(std::string_view name, std::stop_token stop = {});
  /// The selected name: the last one given to `use`, else `defaults.model`, else the current model of the
  /// only provider; empty if there are several.
  std::string selected() const;

  class TACHIKOMA_INTERNAL Impl;
  /// `impl` tells the one that holds now.
  explicit ModelRegistry(std::function<std::shared_ptr<Impl>()> impl);

 private:
  std::function<std::shared_ptr<Impl>()> impl_;
};

TACHIKOMA_API Value to_value(const ListedModel& model);

}  // namespace tachikoma
