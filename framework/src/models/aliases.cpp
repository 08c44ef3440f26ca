// SPDX-License-Identifier: MIT
#include "models/aliases.hpp"

#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::models {

Aliases::Aliases(std::vector<ModelConfig> aliases) : aliases_(std::move(aliases)) {
  for (const ModelConfig& alias : aliases_) names_.add(alias.alias, alias);
  names_.sort();
}

LoadSettings own_load(const ModelConfig& alias) {
  LoadSettings load = alias.load;
  if (!load.ttl) load.ttl = alias.inference.ttl;
  return load;
}

const ModelConfig* Aliases::find(std::string_view name) const {
  const std::span<const ModelConfig* const> named = names_.find(name);
  for (const ModelConfig* alias : named)
    if (alias->alias == name) return alias;
  for (const ModelConfig* alias : named)
    if (base::same_ignoring_case(alias->alias, name)) return alias;
  return nullptr;
}

}  // namespace tachikoma::models
