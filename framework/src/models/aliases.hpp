// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "models/name_index.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::models {

/// The load settings of an alias: a time to live is given once for both ways to load a model, unless `load`
/// gives it too.
LoadSettings own_load(const ModelConfig& alias);

/// The aliases of a configuration. Every request looks for its name among them.
class Aliases {
 public:
  explicit Aliases(std::vector<ModelConfig> aliases);
  Aliases(const Aliases&) = delete;
  Aliases& operator=(const Aliases&) = delete;

  const std::vector<ModelConfig>& all() const { return aliases_; }
  /// The alias of that name, if need be in another case of letters; null if there is none.
  const ModelConfig* find(std::string_view name) const;

 private:
  const std::vector<ModelConfig> aliases_;
  NameIndex<ModelConfig> names_;
};

}  // namespace tachikoma::models
