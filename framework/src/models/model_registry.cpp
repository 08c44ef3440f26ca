// SPDX-License-Identifier: MIT
#include "models/model_registry.hpp"

#include <algorithm>
#include <utility>

#include "base/gguf.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/not_found.hpp"
#include "base/try.hpp"
#include "models/generation_settings.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/plugin/capability/model_files.hpp"

namespace tachikoma {
namespace {

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

Error no_such_file(const std::string& path, std::string_view name, const std::string& more) {
  return base::not_found(ErrorCode::model_not_found, "no such file: '" + path + "'" + more, name, {},
                         "correct the path, or name one of the models that `tachikoma models` lists");
}

Error runs_no_files(const std::string& file, const std::string& who) {
  return Error(ErrorCode::invalid_argument, "'" + file + "' is a file, and " + who,
               "add a provider of plugin 'llamacpp' that starts its servers: without base_url");
}

// For texts to embed, where no model was named.
Error which_embedding_model(const std::string& selected, const std::vector<std::string>& candidates) {
  const std::string found = candidates.empty() ? "'" + selected + "' is none, and the servers list no other"
                                               : "there are " + base::quoted_list(candidates);
  return Error(ErrorCode::invalid_argument, "no embedding model was named: " + found,
               "name one with the request, or as 'defaults.embedding_model' in the configuration",
               Value::object({{"candidates", base::array_of(candidates)}}));
}

}  // namespace

std::vector<std::string> ModelRegistry::Impl::aliases() const {
  return base::texts_of(aliases_.all(), &models::Alias::name);
}

ModelListing ModelRegistry::Impl::list(std::stop_token stop) const {
  ModelListing listing;
  for (const calls::ConfiguredProvider& provider : providers_->all()) {
    if (!provider.capability<ModelCatalog>()) continue;
    const auto list = lists_.fetch(provider, stop);
    if (!list || (*list)->unusable)
      listing.failures.push_back({provider.id, list ? *(*list)->unusable : list.error()});
    else
      listing.models.insert(listing.models.end(), (*list)->models.begin(), (*list)->models.end());
  }
  return listing;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve(std::string_view name, std::stop_token stop) const {
  return *look_up(name, &stop);
}

Result<ResolvedModel> ModelRegistry::Impl::resolve_embedding(std::string_view name,
                                                             std::stop_token stop) const {
  if (!name.empty()) return resolve(name, std::move(stop));
  if (!default_embedding_model_.empty()) return resolve(default_embedding_model_, std::move(stop));
  Result<ResolvedModel> selected = resolve({}, stop);
  if (selected && selected->kind != ModelKind::llm) return selected;
  const ModelListing listing = list(std::move(stop));
  std::vector<NameMatch> found;
  for (const ListedModel& model : listing.models)
    if (model.info.kind == ModelKind::embedding) found.push_back({&model, model.info.key, model.info.key});
  if (found.size() == 1) return resolved(found.front());
  if (found.empty() && !selected) return selected;
  return which_embedding_model(selected ? selected->name : std::string(), addresses(found));
}

std::optional<Result<models::KnownNames::Model>> ModelRegistry::Impl::resolve_known(
    std::string_view name) const {
  const std::uint64_t version = lists_.version();
  if (models::KnownNames::Model known = known_.find(name, version)) return known;
  Found found = look_up(name, nullptr);
  if (!found) return std::nullopt;
  if (!*found) return std::move(*found).error();
  auto model = std::make_shared<const ResolvedModel>(**std::move(found));
  // what "selected" and files mean, and what is said of a name that is not listed, may change meanwhile
  if (!name.empty() && model->notice.empty() && !base::names_file(name_on_server(name)))
    known_.keep(name, version, model);
  return models::KnownNames::Model(std::move(model));
}

std::span<const std::string> ModelRegistry::Impl::fallbacks_of(std::string_view name) const {
  const models::Alias* const alias = aliases_.find(name);
  return alias ? std::span<const std::string>(alias->fallback) : std::span<const std::string>();
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
  static const std::string here;
  if (const std::size_t at = chosen.find(kSeparator); at != std::string::npos) {
    const auto provider = providers_->find(std::string_view(chosen).substr(0, at));
    if (!provider) {  // a key may have "::" in it
      if (!stop) return std::nullopt;
      auto odd = resolve_anywhere(chosen, *stop);
      return odd || odd.error().detail.find("candidates") ? std::move(odd) : decltype(odd)(provider.error());
    }
    const std::string_view text = std::string_view(chosen).substr(at + kSeparator.size());
    if (text.empty())
      return Error(ErrorCode::invalid_argument, "'" + chosen + "' names no model after '::'",
                   "name one, or 'current'");
    return look_up_on(**provider, {text, Name::From::address, here}, stop);
  }
  if (const models::Alias* alias = aliases_.find(chosen)) return look_up_alias(*alias, stop);
  if (providers_->all().size() == 1)
    return look_up_on(providers_->all().front(), {chosen, Name::From::anywhere, here}, stop);
  if (chosen == kCurrent) {
    const auto current = [](const calls::ConfiguredProvider& each) { return each.id + "::current"; };
    return ambiguous(kCurrent, base::texts_of(providers_->all(), current));
  }
  if (const auto file = model_file(chosen, here))
    for (const calls::ConfiguredProvider& provider : providers_->all())
      if (runs_file(provider, *file)) return resolved(provider, *file);
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

bool ModelRegistry::Impl::is_chosen() const {
  const std::lock_guard lock(mutex_);
  return has_default_ || !selected_.empty();
}

std::string ModelRegistry::Impl::provider_of_alias(std::string_view name) const {
  const models::Alias* alias = aliases_.find(name);
  return alias && alias->name == name ? alias->provider : std::string();
}

std::string ModelRegistry::Impl::name_on_server(std::string_view name) const {
  const std::string chosen = spelled_out(name);
  if (const std::size_t at = chosen.find(kSeparator); at != std::string::npos)
    return chosen.substr(at + kSeparator.size());
  const models::Alias* alias = aliases_.find(chosen);
  return alias && !alias->key.empty() ? alias->key : chosen;
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up_on(const calls::ConfiguredProvider& provider,
                                                           Name name, const std::stop_token* stop) const {
  if (name.text == kCurrent) return stop ? Found(resolve_current(provider, *stop)) : std::nullopt;
  if (!provider.capability<ModelCatalog>()) return resolved(provider, std::string(name.text));
  if (base::names_file(name.text)) {
    name.path = file_path(name.text, name.folder);
    name.file = model_file(name.text, name.folder);
  }
  if (const auto list = lists_.cached(provider)) {
    if (Found picked = pick(provider, name, *list)) return picked;
    const bool may_send = name.from != Name::From::anywhere || list->models.empty();
    if (std::string notice = may_send ? lists_.notice_on(provider.id, name.text) : ""; !notice.empty())
      return sent_unlisted(provider, name.text, std::move(notice));
  } else if (name.file && runs_file(provider, *name.file)) {
    return resolved(provider, *name.file);
  }
  if (!stop) return std::nullopt;
  TACHIKOMA_TRY(const auto list, lists_.fetch(provider, *stop));
  if (Found picked = pick(provider, name, *list)) return picked;
  return unlisted(provider, name, *list);
}

ModelRegistry::Impl::Found ModelRegistry::Impl::pick(const calls::ConfiguredProvider& provider,
                                                     const Name& name, const models::ModelList& list) const {
  const SomeModels named = list.names.find(name.text);
  std::vector<NameMatch> matches = match_exactly(name.text, named);
  if (matches.empty() && name.file && runs_file(provider, *name.file)) return resolved(provider, *name.file);
  // what a server may have without listing it, and the configuration names, is not taken for something else
  const bool literal = name.from == Name::From::config && !list.whole;
  const bool runs = !name.path.empty() && runs_file(provider, name.path);
  if (matches.empty() && !literal && !runs) matches = match_name(name.text, named);
  if (matches.empty() && !name.path.empty()) matches = match_file(name.text, list.models);
  if (matches.empty() && name.from == Name::From::config && !literal && !runs)
    matches = match_file_name(name.text, list.models);
  if (matches.size() > 1) return ambiguous(name.text, addresses(matches));
  return matches.empty() ? Found() : Found(resolved(matches.front()));
}

// Sends it all the same, with a notice, if its user knows more than the list.
Result<ResolvedModel> ModelRegistry::Impl::unlisted(const calls::ConfiguredProvider& provider,
                                                    const Name& name, const models::ModelList& list) const {
  const std::string text(name.text), who = "'" + provider.id + "'";
  if (!name.path.empty() && (list.whole || runs_file(provider, name.path))) {
    if (list.unusable) return *list.unusable;
    if (name.file) return runs_no_files(*name.file, who + " runs no models from files");
    return no_such_file(name.path, text, ", and " + who + " lists no such model");
  }
  const bool no_list = list.unusable || list.models.empty();
  std::vector<std::string> others;
  if (name.from == Name::From::anywhere) others = aliases();
  Error error = not_found(text, "on " + who, std::move(others), list.models);
  if (no_list || name.from == Name::From::config || (name.from == Name::From::address && !list.whole)) {
    std::string notice = list.unusable ? who + " has no list of models (" + list.unusable->message + "): '" +
                                             text + "' was sent unchecked"
                         : no_list ? who + " lists no models: '" + text + "' was sent unchecked"
                                   : who + " does not list '" + text + "', which was sent all the same";
    const Value& near = error.detail["near"];
    if (!near.elements().empty()) notice += "; " + error.hint;
    // another list may have it soon: that of a server on this machine, which costs nothing to ask for
    if (!list.whole && !(list.unusable && list.unusable->retryable))
      lists_.keep_notice(provider.id, text, notice);
    return sent_unlisted(provider, text, std::move(notice));
  }
  if (!list.whole)
    error.hint += "; '" + provider.id + std::string(kSeparator) + text + "' is sent without being listed";
  return error;
}

ModelRegistry::Impl::Found ModelRegistry::Impl::look_up_alias(const models::Alias& alias,
                                                              const std::stop_token* stop) const {
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, providers_->find(alias.provider));
  const std::string& key = alias.key.empty() ? alias.name : alias.key;
  Found found = look_up_on(*provider, {key, Name::From::config, folder_}, stop);
  if (found && *found) {
    ResolvedModel& model = **found;
    model.alias = alias.name, model.owner = alias.owner;
    model.settings = merged(alias.inference, model.settings);
    model.load = merged(models::own_load(alias), model.load);
    model.system = alias.system;
  }
  return found;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve_anywhere(std::string_view name,
                                                            std::stop_token stop) const {
  ModelListing listing = list(stop);
  std::vector<NameMatch> matches = match_name(name, listing.models);
  if (matches.empty()) matches = match_file(name, listing.models);
  if (matches.size() > 1) return ambiguous(name, addresses(matches));
  if (matches.size() == 1) return resolved(matches.front());
  if (!listing.failures.empty() && listing.models.empty())
    if (const Error& failure = listing.failures.front().error; !models::means_no_list(failure, false))
      return failure;
  const std::string path = base::names_file(name) ? file_path(name, {}) : std::string();
  if (!path.empty() && model_file(name, {})) return runs_no_files(path, "no provider runs models from files");
  Error error = path.empty() ? not_found(name, "on any provider", aliases(), listing.models)
                             : no_such_file(path, name, ", and no provider lists such a model");
  if (!listing.failures.empty()) {
    const auto& [provider, failure] = listing.failures.front();
    error.message += "; '" + provider + "' could not be asked: " + failure.message;
    error.hint = "if it is there, name it as '" + provider + std::string(kSeparator) + std::string(name) +
                 "'; else: " + error.hint;
  }
  return error;
}

Result<ResolvedModel> ModelRegistry::Impl::resolve_current(const calls::ConfiguredProvider& provider,
                                                           std::stop_token stop) const {
  TACHIKOMA_TRY(const auto list, lists_.fetch(provider, std::move(stop)));
  if (list->unusable) return *list->unusable;
  if (const auto named = match_exactly(kCurrent, list->names.find(kCurrent)); !named.empty())
    return resolved(named.front());  // a model of that name is listed, and so can be asked
  const std::string last = last_used(provider);
  std::vector<NameMatch> loaded, stateless;
  for (const ListedModel& model : list->models) {
    const std::string& key = model.info.key;
    if (model.info.kind == ModelKind::embedding) continue;
    if (model.info.state == ModelState::unknown) stateless.push_back({&model, key, key});
    if (model.info.state != ModelState::loaded) continue;
    if (model.info.instances.empty()) loaded.push_back({&model, key, key});
    for (const ModelInstance& instance : model.info.instances) loaded.push_back({&model, instance.id, key});
  }
  if (loaded.empty()) loaded = std::move(stateless);  // a server that lists only what it serves
  if (loaded.empty())
    return base::not_found(ErrorCode::model_not_found, "no model is loaded on '" + provider.id + "'",
                           kCurrent, {}, "load one there, or name one: `tachikoma models` lists them");
  const auto used = std::find_if(loaded.begin(), loaded.end(),
                                 [&](const NameMatch& each) { return each.wire_name == last; });
  return resolved(used == loaded.end() ? loaded.front() : *used);
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

ResolvedModel ModelRegistry::Impl::resolved(const NameMatch& match) const {
  ResolvedModel model = resolved(**providers_->find(match.model->provider), match.wire_name);
  model.key = match.key;
  if (match.key == match.model->info.key)
    model.state = match.model->info.state, model.kind = match.model->info.kind;
  return model;
}

ResolvedModel ModelRegistry::Impl::sent_unlisted(const calls::ConfiguredProvider& provider,
                                                 std::string_view name, std::string notice) const {
  ResolvedModel model = resolved(provider, std::string(name));
  model.notice = std::move(notice);
  return model;
}

Error ModelRegistry::Impl::not_found(std::string_view name, std::string_view where,
                                     std::vector<std::string> candidates, const List& models) {
  for (const ListedModel& model : models) {
    candidates.push_back(model.info.key);
    for (const auto* others : {&model.info.aliases, &model.info.variants})
      candidates.insert(candidates.end(), others->begin(), others->end());
    // 'gpt-os-20b' is far from 'openai/gpt-oss-20b', and near to its last segment, which is a name too
    const std::size_t slash = model.info.key.rfind('/');
    if (slash != std::string::npos) candidates.push_back(model.info.key.substr(slash + 1));
  }
  return base::not_found(
      ErrorCode::model_not_found,
      "model '" + std::string(name) + "' was not found " + std::string(where) + unsearched(models), name,
      candidates, "`tachikoma models` lists the available models");
}

ModelRegistry::ModelRegistry(std::function<std::shared_ptr<Impl>()> impl) : impl_(std::move(impl)) {}
std::vector<std::string> ModelRegistry::aliases() const { return impl_()->aliases(); }
ModelListing ModelRegistry::list(std::stop_token stop) const { return impl_()->list(std::move(stop)); }
Result<ResolvedModel> ModelRegistry::resolve(std::string_view name, std::stop_token stop) const {
  return impl_()->resolve(name, std::move(stop));
}
Result<ResolvedModel> ModelRegistry::use(std::string_view name, std::stop_token stop) {
  return impl_()->use(name, std::move(stop));
}
std::string ModelRegistry::selected() const { return impl_()->selected(); }

}  // namespace tachikoma
