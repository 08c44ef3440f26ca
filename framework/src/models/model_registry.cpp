// SPDX-License-Identifier: MIT
#include "models/model_registry.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/try.hpp"
#include "models/generation_settings.hpp"
#include "models/model_names.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/plugin/capability/model_files.hpp"

namespace tachikoma {
namespace {

constexpr std::string_view kSeparator = "::";
constexpr std::string_view kCurrent = "current";
constexpr std::string_view kDefault = "default";

Error ambiguous(std::string_view name, const std::vector<std::string>& candidates) {
  return Error(ErrorCode::invalid_argument,
               "model name '" + std::string(name) + "' is ambiguous: it may be " +
                   base::quoted_list(candidates, " or "),
               "use one of these names",
               Value::object({{"name", name}, {"candidates", base::array_of(candidates)}}));
}

std::vector<std::string> addresses(const std::vector<NameMatch>& matches) {
  return base::texts_of(matches, [](const NameMatch& match) {
    return match.model->provider + std::string(kSeparator) + match.wire_name;
  });
}

bool runs_file(const calls::ConfiguredProvider& provider, std::string_view path) {
  const ModelFiles* files = provider.capability<ModelFiles>();
  return files && files->runs_file(path);
}

// Whichever of the provider's servers it was used on; empty: none yet.
std::string last_used(const calls::ConfiguredProvider& provider) {
  std::optional<calls::Instances::Use> last;
  for (const calls::Server& server : provider.servers().all())
    if (const auto use = server.instances.last_used(); use && (!last || use->time > last->time)) last = use;
  return last ? last->name : std::string();
}

// The time to live is given once for both ways to load a model, unless `load` gives it too.
LoadSettings own_load(const ModelConfig& alias) {
  LoadSettings load = alias.load;
  if (!load.ttl) load.ttl = alias.inference.ttl;
  return load;
}

}  // namespace

ModelRegistry::Impl::Impl(const Config& config, std::shared_ptr<const calls::Providers> providers)
    : aliases_(config.models),
      default_model_(config.default_model),
      default_load_(config.default_load),
      default_inference_(config.default_inference),
      providers_(std::move(providers)) {}

std::vector<std::string> ModelRegistry::Impl::aliases() const {
  return base::texts_of(aliases_, &ModelConfig::alias);
}

ModelListing ModelRegistry::Impl::list(std::stop_token stop) const {
  ModelListing listing;
  for (const calls::ConfiguredProvider& provider : providers_->all()) {
    if (!provider.capability<ModelCatalog>()) continue;
    if (const Result<SharedList> models = fetch(provider, stop))
      listing.models.insert(listing.models.end(), (*models)->begin(), (*models)->end());
    else
      listing.failures.push_back({provider.id, models.error()});
  }
  return listing;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve(std::string_view name, std::stop_token stop) const {
  return *look_up(name, &stop);
}

std::optional<Result<ResolvedModel>> ModelRegistry::Impl::resolve_known(std::string_view name) const {
  return look_up(name, nullptr);
}

std::vector<std::string> ModelRegistry::Impl::chain(std::string_view name) const {
  std::vector<std::string> names{spelled_out(name)};
  if (const ModelConfig* alias = find_alias(names.front()))
    names.insert(names.end(), alias->fallback.begin(), alias->fallback.end());
  return names;
}

std::string ModelRegistry::Impl::spelled_out(std::string_view name) const {
  return name.empty() ? selected() : name == kDefault ? default_model_ : std::string(name);
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up(std::string_view name,
                                                        const std::stop_token* stop) const {
  const std::string chosen = spelled_out(name);
  if (chosen.empty())
    return Error(ErrorCode::invalid_argument, "no model was named, and the config has no defaults.model",
                 "name a model, or 'PROVIDER::current' for the one that is loaded");
  if (const std::size_t at = chosen.find(kSeparator); at != std::string::npos) {
    TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider,
                  providers_->find(std::string_view(chosen).substr(0, at)));
    return look_up_on(*provider, std::string_view(chosen).substr(at + kSeparator.size()), stop);
  }
  if (const ModelConfig* alias = find_alias(chosen)) return look_up_alias(*alias, stop);
  if (const auto file = model_file(chosen)) return look_up_file(*file);
  if (providers_->all().size() == 1) return look_up_on(providers_->all().front(), chosen, stop);
  if (chosen == kCurrent) {
    const auto current = [](const calls::ConfiguredProvider& each) { return each.id + "::current"; };
    return ambiguous(kCurrent, base::texts_of(providers_->all(), current));
  }
  if (!stop) return std::nullopt;
  return resolve_anywhere(chosen, *stop);
}

Result<ResolvedModel> ModelRegistry::Impl::use(std::string_view name, std::stop_token stop) {
  Result<ResolvedModel> model = resolve(name, std::move(stop));
  if (model) {
    const std::lock_guard lock(mutex_);
    selected_ = name;
  }
  return model;
}

std::string ModelRegistry::Impl::selected() const {
  const std::lock_guard lock(mutex_);
  return selected_.empty() ? default_model_ : selected_;
}

void ModelRegistry::Impl::note_served(std::string_view provider, std::string_view wire_name) {
  const std::lock_guard lock(mutex_);
  const auto list = lists_.find(provider);
  if (list == lists_.end()) return;
  const bool loaded_since =
      std::any_of(list->second->begin(), list->second->end(), [&](const ListedModel& model) {
        return model.info.key == wire_name && model.info.state == ModelState::not_loaded;
      });
  if (loaded_since) lists_.erase(list);
}

void ModelRegistry::Impl::forget_list(std::string_view provider) {
  audit_.forget(provider);
  const std::lock_guard lock(mutex_);
  if (const auto list = lists_.find(provider); list != lists_.end()) lists_.erase(list);
}

std::string ModelRegistry::Impl::provider_of_alias(std::string_view name) const {
  for (const ModelConfig& alias : aliases_)
    if (alias.alias == name) return alias.provider;
  return {};
}

std::string ModelRegistry::Impl::name_on_server(std::string_view name) const {
  const std::string chosen = spelled_out(name);
  if (const std::size_t at = chosen.find(kSeparator); at != std::string::npos)
    return chosen.substr(at + kSeparator.size());
  const ModelConfig* alias = find_alias(chosen);
  return alias && !alias->key.empty() ? alias->key : chosen;
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up_on(const calls::ConfiguredProvider& provider,
                                                           std::string_view name,
                                                           const std::stop_token* stop) const {
  if (name == kCurrent) return stop ? Found(resolve_current(provider, *stop)) : std::nullopt;
  if (!provider.capability<ModelCatalog>()) return resolved(provider, std::string(name));
  if (const auto file = model_file(name); file && runs_file(provider, *file))
    return resolved(provider, *file);
  const auto pick = [&](const List& models) -> Found {
    std::vector<NameMatch> matches = match_name(name, models);
    if (matches.empty()) matches = match_file(name, models);
    if (matches.size() > 1) return ambiguous(name, addresses(matches));
    if (matches.empty()) return std::nullopt;
    return resolved(provider, matches.front().wire_name, matches.front().model->info);
  };
  if (const SharedList models = cached(provider))
    if (Found picked = pick(*models)) return picked;
  if (!stop) return std::nullopt;
  TACHIKOMA_TRY(const SharedList models, fetch(provider, *stop));
  if (Found picked = pick(*models)) return picked;
  return not_found(name, "on '" + provider.id + "'", *models);
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up_file(const std::string& file) const {
  for (const calls::ConfiguredProvider& provider : providers_->all())
    if (runs_file(provider, file)) return resolved(provider, file);
  return Error(ErrorCode::invalid_argument,
               "'" + file + "' is a file, and no provider runs models from files",
               "add one of plugin 'llamacpp' to providers");
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up_alias(const ModelConfig& alias,
                                                              const std::stop_token* stop) const {
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, providers_->find(alias.provider));
  Found found = look_up_on(*provider, alias.key.empty() ? alias.alias : alias.key, stop);
  if (found && *found) {
    ResolvedModel& model = **found;
    model.alias = alias.alias;
    model.settings = merged(alias.inference, model.settings);
    model.load = merged(own_load(alias), model.load);
  }
  return found;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve_anywhere(std::string_view name,
                                                            std::stop_token stop) const {
  ModelListing listing = list(stop);
  const std::vector<NameMatch> matches = match_name(name, listing.models);
  if (matches.size() > 1) return ambiguous(name, addresses(matches));
  if (matches.size() == 1) {
    const Result<const calls::ConfiguredProvider*> provider =
        providers_->find(matches.front().model->provider);
    return resolved(**provider, matches.front().wire_name, matches.front().model->info);
  }
  Error error = not_found(name, "on any provider", listing.models);
  if (!listing.failures.empty()) {
    if (listing.models.empty()) return std::move(listing.failures.front().error);
    error.message += "; '" + listing.failures.front().provider +
                     "' could not be asked: " + listing.failures.front().error.message;
  }
  return error;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve_current(const calls::ConfiguredProvider& provider,
                                                           std::stop_token stop) const {
  TACHIKOMA_TRY(const SharedList models, fetch(provider, std::move(stop)));
  const std::string last = last_used(provider);
  std::vector<NameMatch> loaded, stateless;
  for (const ListedModel& model : *models) {
    if (model.info.kind == ModelKind::embedding) continue;
    if (model.info.state == ModelState::unknown) stateless.push_back({&model, model.info.key});
    if (model.info.state != ModelState::loaded) continue;
    if (model.info.instances.empty()) loaded.push_back({&model, model.info.key});
    for (const ModelInstance& instance : model.info.instances) loaded.push_back({&model, instance.id});
  }
  if (loaded.empty()) loaded = std::move(stateless);  // a server that lists only what it serves
  if (loaded.empty())
    return base::not_found(ErrorCode::model_not_found, "no model is loaded on '" + provider.id + "'",
                           kCurrent, {}, "load one there, or name one: `tachikoma models` lists them");
  const auto used = std::find_if(loaded.begin(), loaded.end(),
                                 [&](const NameMatch& each) { return each.wire_name == last; });
  const NameMatch& current = used == loaded.end() ? loaded.front() : *used;
  return resolved(provider, current.wire_name, current.model->info);
}

const ModelConfig* ModelRegistry::Impl::find_alias(std::string_view name) const {
  for (const ModelConfig& alias : aliases_)
    if (alias.alias == name) return &alias;
  for (const ModelConfig& alias : aliases_)
    if (base::same_ignoring_case(alias.alias, name)) return &alias;
  return nullptr;
}

Result<ModelRegistry::Impl::SharedList> ModelRegistry::Impl::fetch(const calls::ConfiguredProvider& provider,
                                                                   std::stop_token stop) const {
  TACHIKOMA_TRY(std::vector<ModelInfo> infos, providers_->list_models(provider, std::move(stop)));
  const auto models = std::make_shared<List>();
  models->reserve(infos.size());
  for (ModelInfo& info : infos) {
    std::string address = provider.id + std::string(kSeparator) + info.key;
    models->push_back({provider.id, std::move(address), std::move(info)});
  }
  const std::lock_guard lock(mutex_);
  lists_.insert_or_assign(provider.id, models);
  return SharedList(models);
}

ModelRegistry::Impl::SharedList ModelRegistry::Impl::cached(const calls::ConfiguredProvider& provider) const {
  const std::lock_guard lock(mutex_);
  const auto list = lists_.find(provider.id);
  return list == lists_.end() ? nullptr : list->second;
}

ResolvedModel ModelRegistry::Impl::resolved(const calls::ConfiguredProvider& provider,
                                            std::string wire_name) const {
  return {.provider = provider.id,
          .name = wire_name,
          .alias = {},
          .settings = merged(provider.inference, default_inference_),
          .load = merged(provider.load, default_load_),
          .key = std::move(wire_name)};
}

ResolvedModel ModelRegistry::Impl::resolved(const calls::ConfiguredProvider& provider, std::string wire_name,
                                            const ModelInfo& info) const {
  ResolvedModel model = resolved(provider, std::move(wire_name));
  model.key = info.key;
  model.state = info.state;
  return model;
}

Error ModelRegistry::Impl::not_found(std::string_view name, std::string_view where,
                                     const List& models) const {
  std::vector<std::string> candidates = aliases();
  for (const ListedModel& model : models) {
    candidates.push_back(model.info.key);
    // 'gpt-os-20b' is far from 'openai/gpt-oss-20b', and near to its last segment, which is a name too
    const std::size_t slash = model.info.key.rfind('/');
    if (slash != std::string::npos) candidates.push_back(model.info.key.substr(slash + 1));
  }
  return base::not_found(ErrorCode::model_not_found,
                         "model '" + std::string(name) + "' was not found " + std::string(where), name,
                         candidates, "`tachikoma models` lists the available models");
}

ModelRegistry::ModelRegistry(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
std::vector<std::string> ModelRegistry::aliases() const { return impl_->aliases(); }
ModelListing ModelRegistry::list(std::stop_token stop) const { return impl_->list(std::move(stop)); }
Result<ResolvedModel> ModelRegistry::resolve(std::string_view name, std::stop_token stop) const {
  return impl_->resolve(name, std::move(stop));
}
Result<ResolvedModel> ModelRegistry::use(std::string_view name, std::stop_token stop) {
  return impl_->use(name, std::move(stop));
}
std::string ModelRegistry::selected() const { return impl_->selected(); }

}  // namespace tachikoma
