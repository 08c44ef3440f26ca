// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::lmstudio {

/// The model that LM Studio lists under that name: its key, the id of an instance, or a variant of it. Null
/// when it lists none.
const ModelInfo* find_model(const std::vector<ModelInfo>& models, std::string_view name);

/// True when both names are of one model, as far as names alone say: they differ in case at most, in the
/// instance ("key:2"), in a variant that only one of them names ("key@q4_k_m"), or in a publisher that only
/// one of them names ("openai/key").
bool same_name(std::string_view a, std::string_view b);

/// True when LM Studio lists both names for one model.
bool same_model(const std::vector<ModelInfo>& models, std::string_view a, std::string_view b);

}  // namespace tachikoma::lmstudio
