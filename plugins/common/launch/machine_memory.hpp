// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::kit {

/// RAM of this machine.
struct MachineMemory {
  Sourced<std::int64_t> total_bytes{};
  Sourced<std::int64_t> available_bytes{};  ///< can still be had now
};

/// What /proc/meminfo says in `text`.
MachineMemory read_meminfo(std::string_view text);

/// That of this machine, as far as this process and what it starts may use it: what /proc/meminfo says, or
/// the limit of a control group (a container's, a service's) where that is less. `root` is where /proc and
/// /sys are.
MachineMemory machine_memory(const std::filesystem::path& root = "/");

}  // namespace tachikoma::kit
