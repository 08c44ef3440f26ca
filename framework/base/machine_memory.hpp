// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// How much of the last ten seconds was lost to waiting for memory, from 0 to 1: the largest share of the
/// machine and of the control groups around this process.
struct MemoryPressure {
  Sourced<double> some{};  ///< at least one task waited
  Sourced<double> full{};  ///< all tasks did
};

/// RAM of this machine.
struct MachineMemory {
  Sourced<std::int64_t> installed_bytes{};
  Sourced<std::int64_t> limit_bytes{};      ///< can be used in all: the installed, or a limit below it
  Sourced<std::int64_t> available_bytes{};  ///< can be allocated now
  MemoryPressure pressure{};
};

/// The memory that this process and its children may use: that of the machine, or the least limit of the
/// control groups around it (a container's, a service's). `root` is the parent of /proc and /sys.
MachineMemory read_machine_memory(const std::filesystem::path& root = "/");

/// The memory of the machine, for programs that are not in the control groups of this process.
MachineMemory read_whole_machine_memory(const std::filesystem::path& root = "/");

}  // namespace tachikoma::base
