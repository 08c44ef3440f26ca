// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// RAM of this machine.
struct MachineMemory {
  Sourced<std::int64_t> total_bytes{};
  Sourced<std::int64_t> available_bytes{};  ///< can be allocated now
};

/// What /proc/meminfo says in `text`.
MachineMemory read_meminfo(std::string_view text);

/// The memory that this process and its children may use: that of /proc/meminfo, or
/// the limit of a control group (a container's, a service's) if that is less. `root` is the parent of /proc
/// and /sys.
MachineMemory machine_memory(const std::filesystem::path& root = "/");

}  // namespace tachikoma::base
