// SPDX-License-Identifier: MIT
#include "models/aliases.hpp"

#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::models {

Alias::Alias(const ModelConfig& model)
    : name(model.alias),
      provider(model.provider),
      key(model.key),
      fallback(model.fallback),
      system(model.system),
      owner(model.owner),
      inference(model.inference) {
  if (model.load != LoadSettings{}) load = std::make_unique<const LoadSettings>(model.load);
}

Aliases::Aliases(std::vector<Alias> aliases) : aliases_(std::move(aliases)) {
  for (const Alias& alias : aliases_) names_.add(alias.name, alias);
  names_.sort();
}

LoadSettings own_load(const Alias& alias) {
  LoadSettings load = alias.load ? *alias.load : LoadSettings{};
  if (!load.ttl) load.ttl = alias.inference.ttl;
  return load;
}

const Alias* Aliases::find(std::string_view name) const {
  const std::span<const Alias* const> named = names_.find(name);
  for (const Alias* alias : named)
    if (alias->name == name) return alias;
  for (const Alias* alias : named)
    if (base::same_ignoring_case(alias->name, name)) return alias;
  return nullptr;
}

}  // namespace tachikoma::models
