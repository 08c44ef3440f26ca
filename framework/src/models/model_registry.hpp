// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calls/providers.hpp"
#include "models/aliases.hpp"
#include "models/known_names.hpp"
#include "models/load_audit.hpp"
#include "models/model_lists.hpp"
#include "models/model_names.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"

namespace tachikoma {

class ModelRegistry::Impl {
 public:
  /// `before`, if not null, was made from an earlier configuration: what its servers have listed is still
  /// known, and what was selected stays so, unless it was an alias that is gone.
  Impl(const Config& config, std::shared_ptr<const calls::Providers> providers, const Impl* before = nullptr);

  std::vector<std::string> aliases() const;
  ModelListing list(std::stop_token stop) const;
  Result<ResolvedModel> resolve(std::string_view name, std::stop_token stop) const;
  /// The same for a model that embeds texts; without a name, the default one, or the only one there is.
  Result<ResolvedModel> resolve_embedding(std::string_view name, std::stop_token stop) const;
  /// As `resolve` if no server has to be asked; else nullopt.
  std::optional<Result<models::KnownNames::Model>> resolve_known(std::string_view name) const;
  /// `name`, "selected" spelled out.
  std::string spelled_out(std::string_view name) const;
  /// The names to ask in turn after `name`: the fallbacks of the alias. They live as long as this.
  std::span<const std::string> fallbacks_of(std::string_view name) const;
  Result<ResolvedModel> use(std::string_view name, std::stop_token stop);
  std::string selected() const;
  /// False if `selected` is only what having one provider implies.
  bool is_chosen() const;
  /// A generation with that model succeeded: a list that says it is not loaded is out of date.
  void note_served(std::string_view provider, std::string_view wire_name) {
    lists_.note_served(provider, wire_name);
  }
  /// Models were loaded or unloaded: the list is fetched again when next needed.
  void forget_list(std::string_view provider) const {
    audit_.forget(provider);
    lists_.forget(provider);
  }
  /// The provider of the alias of exactly that name; empty when there is none.
  std::string provider_of_alias(std::string_view name) const;
  /// Which configured load settings are not in effect for resolved models.
  models::LoadAudit& audit() const { return audit_; }
  /// The name for the server: an alias's key, or an address without its provider.
  std::string name_on_server(std::string_view name) const;

 private:
  using List = std::vector<ListedModel>;
  using Found = std::optional<Result<ResolvedModel>>;

  /// A name without its provider.
  struct Name {
    enum class From { anywhere, address, config };

    std::string_view text;
    From from;                  ///< how it was given: alone, as `provider::text`, as the key of an alias
    const std::string& folder;  ///< the one that a relative path starts from; empty: the working directory
    std::string path = {};      ///< absolute, if `text` is meant as one
    std::optional<std::string> file = {};  ///< the same if there is such a file
  };

  // Without `stop` no server is asked: nullopt if that would be needed.
  Found look_up(std::string_view name, const std::stop_token* stop) const;
  Found look_up_on(const calls::ConfiguredProvider& provider, Name name, const std::stop_token* stop) const;
  Found look_up_alias(const models::Alias& alias, const std::stop_token* stop) const;
  Result<ResolvedModel> resolve_anywhere(std::string_view name, std::stop_token stop) const;
  Result<ResolvedModel> resolve_current(const calls::ConfiguredProvider& provider,
                                        std::stop_token stop) const;
  // Nullopt if the list lacks the name.
  Found pick(const calls::ConfiguredProvider& provider, const Name& name,
             const models::ModelList& list) const;
  Result<ResolvedModel> unlisted(const calls::ConfiguredProvider& provider, const Name& name,
                                 const models::ModelList& list) const;
  ResolvedModel resolved(const calls::ConfiguredProvider& provider, std::string wire_name) const;
  ResolvedModel resolved(const NameMatch& match) const;
  ResolvedModel sent_unlisted(const calls::ConfiguredProvider& provider, std::string_view name,
                              std::string notice) const;
  static Error not_found(std::string_view name, std::string_view where, std::vector<std::string> candidates,
                         const List& models);

  const models::Aliases aliases_;
  const std::string folder_;  // of the configuration's file; empty: there is none
  const bool has_default_;
  const std::string default_model_, default_embedding_model_;
  const LoadSettings default_load_;
  const GenerationSettings default_inference_;
  const std::shared_ptr<const calls::Providers> providers_;
  mutable models::LoadAudit audit_;
  mutable models::ModelLists lists_;  // thread-safe, as is the next
  mutable models::KnownNames known_;
  mutable std::mutex mutex_;  // guards what follows
  std::string selected_;
};

}  // namespace tachikoma
