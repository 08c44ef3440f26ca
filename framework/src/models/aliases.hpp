// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/name_index.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::models {

/// What of an alias a name is resolved with. There may be very many of them: they take little memory.
struct Alias {
  explicit Alias(const ModelConfig& model);

  std::string name, provider, key;
  std::vector<std::string> fallback;
  std::string system;
  ModelOwner owner;
  GenerationSettings inference;
  std::unique_ptr<const LoadSettings> load;  ///< null: it has none of its own
};

/// Its load settings: a time to live is given once for both ways to load a model, unless `load` gives it too.
LoadSettings own_load(const Alias& alias);

/// The aliases of a configuration. Every request looks for its name among them.
class Aliases {
 public:
  explicit Aliases(std::vector<Alias> aliases);
  Aliases(const Aliases&) = delete;
  Aliases& operator=(const Aliases&) = delete;

  const std::vector<Alias>& all() const { return aliases_; }
  /// The alias of that name, if need be in another case of letters; null if there is none.
  const Alias* find(std::string_view name) const;

 private:
  const std::vector<Alias> aliases_;
  NameIndex<Alias> names_;
};

}  // namespace tachikoma::models
