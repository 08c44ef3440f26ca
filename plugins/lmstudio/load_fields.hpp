// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// One field of a configuration, as LM Studio's SDK protocol has them.
struct LoadField {
  std::string key;  ///< "llm.load.contextLength"
  Value value;
  std::vector<std::string> settings = {};  ///< which settings it carries; none: it makes room for others
};

/// What load settings become for one model.
struct LoadFields {
  std::vector<LoadField> fields;
  std::vector<UnappliedSetting> unapplied = {};  ///< what this kind of model has no field for
  std::vector<std::string> notices = {};
};

/// What the encoding of settings depends on.
struct LoadTarget {
  ModelKind kind = ModelKind::llm;
  Sourced<std::int64_t> layers{};  ///< of the model: needed for a number of layers
  Sourced<std::int64_t> gpus{};    ///< of the machine: needed for the main GPU alone
};

/// True when encoding the settings needs `LoadTarget::layers`, and `LoadTarget::gpus`.
bool needs_layer_count(const LoadSettings& settings);
bool needs_gpu_count(const LoadSettings& settings);

/// Refuses what no surface of LM Studio carries (`unsupported`), and what can't be meant
/// (`invalid_argument`).
Status check_load_settings(const LoadSettings& settings);

/// Settings that were checked, in the order in which LM Studio's own SDK writes them. `unsupported` when a
/// number that they need is not known. `identifier` and `ttl` are no fields: they stand beside them.
Result<LoadFields> write_load_fields(const LoadSettings& settings, const LoadTarget& target);

/// A `loadConfigStack` of one layer, which beats all that is configured in LM Studio.
Value config_stack(const std::vector<LoadField>& fields);

/// The settings that a configuration holds, of a model of either kind.
LoadSettings read_load_fields(const Value& config);

/// What was `asked` for, sent as `fields`, and is otherwise in the configuration that is in effect.
std::vector<UnappliedSetting> compare_load_fields(const LoadSettings& asked,
                                                  const std::vector<LoadField>& fields,
                                                  const Value& effective);

/// The names of the settings that are present, as the configuration has them; those of `extra` by their own.
std::vector<std::string> present_settings(const LoadSettings& settings);

}  // namespace tachikoma::lmstudio
