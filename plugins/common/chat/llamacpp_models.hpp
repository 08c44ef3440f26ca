// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// Reads what llama.cpp's server adds to an entry of its GET /v1/models: in `meta` what the model is, in
/// `status`, sent by its router, the model's state, and the inputs that it accepts. Numbers name `basis`.
void read_llamacpp_model(const Value& entry, std::string_view basis, ModelInfo& model);

}  // namespace tachikoma::kit
