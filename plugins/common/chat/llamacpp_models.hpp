// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// What llama.cpp's server adds to an entry of its GET /v1/models: in `meta` what the model is, in `status`,
/// which its router tells, how it is, and what it takes in. Numbers name `basis`.
void read_llamacpp_model(const Value& entry, std::string_view basis, ModelInfo& model);

}  // namespace tachikoma::kit
