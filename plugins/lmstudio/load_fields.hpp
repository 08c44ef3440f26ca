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
  std::vector<std::string> settings = {};  ///< the settings that it carries; none: it enables others
};

/// Load settings as fields for one model.
struct LoadFields {
  std::vector<LoadField> fields;
  std::vector<UnappliedSetting> unapplied = {};  ///< settings for which this kind of model has no field
  std::vector<std::string> notices = {};
};

/// The facts that the encoding of settings depends on.
struct LoadTarget {
  ModelKind kind = ModelKind::llm;
  Sourced<std::int64_t> layers{};  ///< of the model: needed for a number of layers
  Sourced<std::int64_t> gpus{};    ///< of the machine: needed for the main GPU alone
};

/// True when encoding the settings needs `LoadTarget::layers`, and `LoadTarget::gpus`.
bool needs_layer_count(const LoadSettings& settings);
bool needs_gpu_count(const LoadSettings& settings);

/// Refuses settings that no API of LM Studio supports (`unsupported`), and invalid ones
/// (`invalid_argument`).
Status check_load_settings(const LoadSettings& settings);

/// Encodes checked settings, in the order in which LM Studio's own SDK writes them. Fails with `unsupported`
/// if a number that they need is not known. `identifier` and `ttl` are not fields: they are sent beside them.
Result<LoadFields> write_load_fields(const LoadSettings& settings, const LoadTarget& target);

/// A `loadConfigStack` of one layer, which overrides all settings in LM Studio.
Value config_stack(const std::vector<LoadField>& fields);

/// Decodes the settings in a configuration of a model of either kind.
LoadSettings read_load_fields(const Value& config);

/// The settings that were `asked` for and sent as `fields`, but differ in the effective configuration.
std::vector<UnappliedSetting> compare_load_fields(const LoadSettings& asked,
                                                  const std::vector<LoadField>& fields,
                                                  const Value& effective);

/// The configuration keys of the settings that are present; those in `extra` by their own names.
std::vector<std::string> present_settings(const LoadSettings& settings);

}  // namespace tachikoma::lmstudio
