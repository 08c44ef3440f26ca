// SPDX-License-Identifier: MIT
#include "models/machine_limits.hpp"

#include "base/machine_gpus.hpp"
#include "base/machine_memory.hpp"

namespace tachikoma::models {

Schedule::Limits limits_anywhere(const MemoryConfig& memory) {
  Schedule::Limits limits;
  if (memory.max_instances) limits.max_instances = static_cast<std::size_t>(*memory.max_instances);
  return limits;
}

Schedule::Limits limits_here(const MemoryConfig& memory) {
  const auto share = [&](std::optional<std::int64_t> given, const Sourced<std::int64_t>& measured) {
    if (!given && measured) given = measured.value;
    if (given) given = static_cast<std::int64_t>(static_cast<double>(*given) * (1 - memory.headroom));
    return given;
  };
  Schedule::Limits limits = limits_anywhere(memory);
  limits.ram = share(memory.ram, base::read_machine_memory().limit_bytes);
  limits.vram = share(memory.vram, base::read_machine_gpus().memory_bytes);
  return limits;
}

}  // namespace tachikoma::models
