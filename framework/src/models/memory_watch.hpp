// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "base/machine_gpus.hpp"
#include "base/machine_memory.hpp"
#include "models/schedule.hpp"

namespace tachikoma::models {

/// The memory of this machine at one moment.
struct MemorySample {
  base::MachineMemory ram = {};
  base::MachineGpus gpus = {};
};

/// This machine, now.
MemorySample sample_memory();

/// How much of what models may take (`limits`) is in other hands, or has to stay free (`headroom`), while the
/// models hold `known`.
MemoryBytes withheld(const MemorySample& sample, const Schedule::Limits& limits, double headroom,
                     MemoryBytes known);

/// A sentence with the figures, if less than the headroom is free, or programs wait for memory; else nullopt.
std::optional<std::string> shortage(const MemorySample& sample, double headroom);

}  // namespace tachikoma::models
