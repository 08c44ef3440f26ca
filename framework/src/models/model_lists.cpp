// SPDX-License-Identifier: MIT
#include "models/model_lists.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tachikoma::models {
namespace {

constexpr std::size_t kNoticesKept = 100;

// Two entries of one key are one model.
void merge(ModelInfo& known, ModelInfo&& other) {
  const auto add_new = [](auto& to, auto& from, const auto& name) {
    for (auto& each : from)
      if (std::none_of(to.begin(), to.end(), [&](const auto& there) { return name(there) == name(each); }))
        to.push_back(std::move(each));
  };
  const auto itself = [](const std::string& text) -> const std::string& { return text; };
  add_new(known.instances, other.instances, [](const ModelInstance& each) { return each.id; });
  add_new(known.aliases, other.aliases, itself);
  add_new(known.variants, other.variants, itself);
  if (other.state == ModelState::loaded || known.state == ModelState::unknown) known.state = other.state;
}

std::vector<ListedModel> listed(const std::string& provider, std::vector<ModelInfo> infos) {
  std::vector<ListedModel> models;
  models.reserve(infos.size());  // the keys stay where they are
  std::unordered_map<std::string_view, ModelInfo*> known;
  for (ModelInfo& info : infos) {
    if (const auto there = known.find(info.key); there != known.end()) {
      merge(*there->second, std::move(info));
      continue;
    }
    models.push_back({provider, provider + "::" + info.key, std::move(info)});
    known.emplace(models.back().info.key, &models.back().info);
  }
  return models;
}

void fill(ModelList& list, std::vector<ListedModel> models) {
  list.models = std::move(models);
  for (const ListedModel& model : list.models) add_names(list.names, model);
  list.names.sort();
}

}  // namespace

bool means_no_list(const Error& error, bool whole) {
  if (error.detail["reason"].as_string() == "not_lmstudio") return false;
  switch (error.code) {
    case ErrorCode::protocol:
    case ErrorCode::unsupported:
    case ErrorCode::invalid_argument:
    case ErrorCode::model_not_found: return true;
    case ErrorCode::forbidden: return !whole;  // keys may be restricted to generating
    default: return false;
  }
}

std::shared_ptr<const ModelList> ModelLists::cached(const calls::ConfiguredProvider& provider) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(provider.id);
  return entry == entries_.end() ? nullptr : entry->second.list;
}

Result<std::shared_ptr<const ModelList>> ModelLists::fetch(const calls::ConfiguredProvider& provider,
                                                           std::stop_token stop) {
  Result<std::vector<ModelInfo>> infos = providers_.list_models(provider, std::move(stop));
  const ModelCatalog* catalog = provider.capability<ModelCatalog>();
  const auto list = std::make_shared<ModelList>();
  list->whole = !catalog || catalog->lists_every_model();
  if (infos)
    fill(*list, listed(provider.id, *std::move(infos)));
  else if (catalog && means_no_list(infos.error(), list->whole))
    list->unusable = std::move(infos).error();
  else
    return std::move(infos).error();
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(provider.id, Entry{list, {}});
  ++version_;
  return std::shared_ptr<const ModelList>(list);
}

void ModelLists::forget(std::string_view provider) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = entries_.find(provider); entry != entries_.end()) entries_.erase(entry);
  ++version_;
}

void ModelLists::take_over(const calls::ConfiguredProvider& provider, const ModelLists& other) {
  std::shared_ptr<const ModelList> list = other.cached(provider);
  if (!list) return;
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(provider.id, Entry{std::move(list), {}});
  ++version_;
}

void ModelLists::note_served(std::string_view provider, std::string_view wire_name) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(provider);
  if (entry == entries_.end()) return;
  const SomeModels named = entry->second.list->names.find(wire_name);
  const bool loaded_since = std::any_of(named.begin(), named.end(), [&](const ListedModel* model) {
    return model->info.key == wire_name && model->info.state == ModelState::not_loaded;
  });
  if (!loaded_since) return;
  entries_.erase(entry);
  ++version_;
}

std::string ModelLists::notice_on(std::string_view provider, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(provider);
  if (entry == entries_.end()) return {};
  const auto notice = entry->second.notices.find(name);
  return notice == entry->second.notices.end() ? std::string() : notice->second;
}

void ModelLists::keep_notice(std::string_view provider, std::string_view name, std::string notice) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(provider);
  if (entry == entries_.end()) return;
  if (entry->second.notices.size() >= kNoticesKept) entry->second.notices.clear();
  entry->second.notices.insert_or_assign(std::string(name), std::move(notice));
}

}  // namespace tachikoma::models
