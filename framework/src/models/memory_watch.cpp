// SPDX-License-Identifier: MIT
#include "models/memory_watch.hpp"

#include <algorithm>

#include "base/numbers.hpp"

namespace tachikoma::models {
namespace {

/// The share of the last ten seconds in which every task waited for memory: then there is too little of it,
/// whatever counts as available.
constexpr double kTooMuchPressure = 0.1;

std::int64_t share_of(std::int64_t bytes, double share) {
  return static_cast<std::int64_t>(static_cast<double>(bytes) * share);
}

bool presses(const MemorySample& sample) {
  const Sourced<double>& full = sample.ram.pressure.full;
  return full && full.value >= kTooMuchPressure;
}

std::int64_t withheld_of(const std::optional<std::int64_t>& limit, const Sourced<std::int64_t>& whole,
                         const Sourced<std::int64_t>& free, double headroom, std::int64_t known,
                         bool presses) {
  if (!limit || !whole || !free) return 0;
  std::int64_t left = free.value - share_of(whole.value, headroom);
  if (presses) left = std::min<std::int64_t>(left, 0);
  return std::max<std::int64_t>(*limit - known - left, 0);
}

std::string percent(double share) { return base::decimal(share * 100, 0) + "%"; }

std::optional<std::string> too_little(const char* memory, const Sourced<std::int64_t>& whole,
                                      const Sourced<std::int64_t>& free, double headroom) {
  if (!whole || !free || whole.value == 0) return std::nullopt;
  const std::int64_t kept = share_of(whole.value, headroom);
  if (free.value >= kept) return std::nullopt;
  return in_gib(free.value) + " of " + in_gib(whole.value) + " of " + memory + " are free, and " +
         in_gib(kept) + " (" + percent(headroom) + ") are to stay free";
}

}  // namespace

MemorySample sample_memory() { return {base::read_machine_memory(), base::read_machine_gpus()}; }

MemoryBytes withheld(const MemorySample& sample, const Schedule::Limits& limits, double headroom,
                     MemoryBytes known) {
  return {withheld_of(limits.ram, sample.ram.limit_bytes, sample.ram.available_bytes, headroom, known.ram,
                      presses(sample)),
          withheld_of(limits.vram, sample.gpus.memory_bytes, sample.gpus.free_bytes, headroom, known.vram,
                      false)};
}

std::optional<std::string> shortage(const MemorySample& sample, double headroom) {
  if (auto text = too_little("RAM", sample.ram.limit_bytes, sample.ram.available_bytes, headroom))
    return text;
  if (auto text = too_little("GPU memory", sample.gpus.memory_bytes, sample.gpus.free_bytes, headroom))
    return text;
  if (!presses(sample)) return std::nullopt;
  return "every program waited for memory in " + percent(sample.ram.pressure.full.value) +
         " of the last ten seconds";
}

}  // namespace tachikoma::models
