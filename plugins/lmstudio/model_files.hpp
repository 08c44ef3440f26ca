// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::lmstudio {

/// LM Studio's own folder on this machine: where its pointer file below $HOME says, else the old place when
/// it exists, else the new one. Empty without $HOME.
std::filesystem::path home_folder();

/// Where LM Studio keeps its models: as its settings say, else below its folder.
std::filesystem::path models_folder();

/// How many layers the model has whose `path` LM Studio names, read from its GGUF file. Without a source,
/// with the reason: the file is not on this machine, is no GGUF, …
Sourced<std::int64_t> layer_count(std::string_view path);

}  // namespace tachikoma::lmstudio
