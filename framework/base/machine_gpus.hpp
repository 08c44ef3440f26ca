// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/nvml.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// The GPUs of this machine that have memory of their own.
struct MachineGpus {
  std::vector<Gpu> gpus = {};
  Sourced<std::int64_t> memory_bytes{};  ///< of all of them; 0 if there is certainly none
  Sourced<std::int64_t> free_bytes{};
};

/// NVIDIA's GPUs from their driver's library `nvml`, AMD's from sysfs. `root` is the parent of /sys.
MachineGpus read_machine_gpus(const std::filesystem::path& root = "/", const std::string& nvml = kNvml);

}  // namespace tachikoma::base
