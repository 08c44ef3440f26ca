// SPDX-License-Identifier: MIT
#include "cache/response_cache.hpp"

#include <algorithm>
#include <utility>

#include "cache/packed.hpp"

namespace tachikoma::cache {
namespace {

/// What of a provider is the host's, and changes no answer; its inference and load settings are those of each
/// request.
constexpr const char* kOfNoMatter[] = {"eject_for", "limits", "timeouts", "load", "inference"};

std::string identity_of(const std::string& id, Value settings) {
  for (const char* key : kOfNoMatter) settings.erase(key);
  PackedWriter writer;
  writer.text(id);
  writer.value(settings);
  return writer.take();
}

}  // namespace

bool is_used(const Config& config) {
  return config.cache.enabled || std::any_of(config.models.begin(), config.models.end(),
                                             [](const ModelConfig& model) { return model.cache == true; });
}

ResponseCache::ResponseCache(const Config& config, AnswerStore& store) : config_(config), store_(store) {
  const Value shown = redacted(config);
  for (const ProviderConfig& each : config.providers)
    providers_.emplace(each.id, identity_of(each.id, shown["providers"][each.id]));
  for (const ModelConfig& each : config.models)
    if (each.cache) aliases_.emplace(each.alias, *each.cache);
}

bool ResponseCache::holds(const ResolvedModel& model) const {
  const auto own = aliases_.find(model.alias);
  return own == aliases_.end() ? config_.cache.enabled : own->second;
}

std::string_view ResponseCache::provider(const std::string& id) const {
  const auto known = providers_.find(id);
  return known == providers_.end() ? std::string_view(id) : std::string_view(known->second);
}

std::optional<RecordedAnswer> ResponseCache::find(std::string_view request) const {
  std::optional<std::string> record = store_.find(request);
  if (!record) return std::nullopt;
  return RecordedAnswer::read(*std::move(record));
}

}  // namespace tachikoma::cache
