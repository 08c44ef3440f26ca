// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tachikoma/plugin/load.hpp>

namespace tachikoma::cli {

/// "all", "none", "24" or "50%": how many layers GPUs get, as a setting.
std::string in_short(const GpuLayers& layers);

}  // namespace tachikoma::cli
