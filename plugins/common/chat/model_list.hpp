// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// The models of a GET /v1/models reply: the ids, and what llama.cpp's server adds to them (state, size,
/// context, vision). Numbers name `basis`. Fails with `protocol` if the reply is not such a list.
Result<std::vector<ModelInfo>> read_openai_models(const Value& reply, std::string_view basis);

/// A number that `basis` reports, or unknown because `basis` does not.
Sourced<std::int64_t> reported(const Value& value, std::string_view basis, std::string_view what);

}  // namespace tachikoma::kit
