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

/// The content of a file of at most 64 KiB, such as LM Studio's settings; empty if it can't be read.
std::string read_small_file(const std::filesystem::path& file);

/// Where LM Studio keeps its models: as its settings say, else below its folder. Empty without $HOME.
std::filesystem::path models_folder();

/// The number of layers of the model with that `path` in LM Studio, from its GGUF file: a path below the
/// models folder, of the file, of one of its shards, or of the folder that it is alone in. Without a source,
/// with the reason: the file is not on this machine, is not a GGUF file, … A name that leads out of the
/// models folder is not followed.
Sourced<std::int64_t> layer_count(std::string_view path);

}  // namespace tachikoma::lmstudio
