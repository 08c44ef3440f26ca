// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::kit {

/// RAM of this machine, as far as this process and what it starts may use it.
struct MachineMemory {
  Sourced<std::int64_t> total_bytes{};
  Sourced<std::int64_t> available_bytes{};  ///< can still be had now
};

/// What /proc/meminfo says, or the limit of a control group (a container's, a service's) where that is less.
/// `root` is where /proc and /sys are.
MachineMemory machine_memory(const std::filesystem::path& root = "/");

}  // namespace tachikoma::kit
