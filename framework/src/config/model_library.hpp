// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A model library as its schema has it, sizes in bytes. Fails with `config_invalid`, as a configuration
/// does: every error at once, each with its place. `file` is its name in messages.
Result<Value> check_model_library(std::string_view text, const std::string& file);
/// The same of a file.
Result<Value> read_model_library(const std::string& file);
/// config/model-library.yaml as it was when this was built.
Result<Value> own_model_library();

}  // namespace tachikoma::config
