// SPDX-License-Identifier: MIT
#include "base/machine_gpus.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/sourced.hpp"

namespace tachikoma::base {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNvidia = "0x10de", kAmd = "0x1002";

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<std::int64_t> number_in(const fs::path& file) {
  const std::string text = first_line(file);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || number < 0) return std::nullopt;
  return number;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    all.push_back(at->path());
  std::sort(all.begin(), all.end());
  return all;
}

// The number of "card7"; its connectors, "card7-DP-1", are beside it.
std::optional<int> card_number(const fs::path& entry) {
  const std::string name = entry.filename().string();
  int number = 0;
  if (!name.starts_with("card")) return std::nullopt;
  const char* const end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + 4, end, number);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return number;
}

Gpu amd_gpu(const fs::path& device) {
  Gpu gpu{.name = first_line(device / "product_name")};
  if (gpu.name.empty()) gpu.name = "AMD GPU " + first_line(device / "device");
  const std::string basis = "AMD's driver on this machine (sysfs)";
  const auto total = number_in(device / "mem_info_vram_total"),
             used = number_in(device / "mem_info_vram_used");
  gpu.memory_bytes = gpu.free_bytes = unknown("AMD's driver on this machine does not report it");
  if (total) gpu.memory_bytes = {*total, Source::measured, basis};
  if (total && used) gpu.free_bytes = {std::max<std::int64_t>(*total - *used, 0), Source::measured, basis};
  return gpu;
}

std::vector<Gpu> amd_gpus(const fs::path& root) {
  std::vector<std::pair<int, fs::path>> cards;
  for (const fs::path& entry : entries_of(root / "sys/class/drm"))
    if (const auto number = card_number(entry); number && first_line(entry / "device/vendor") == kAmd)
      cards.emplace_back(*number, entry / "device");
  std::sort(cards.begin(), cards.end());
  std::vector<Gpu> gpus;
  for (const auto& [number, device] : cards) gpus.push_back(amd_gpu(device));
  return gpus;
}

/// Whose GPUs and accelerators are on the PCI bus, whether a driver serves them or not.
struct PciBus {
  bool readable = false;
  bool nvidia = false;
  bool amd = false;
  std::string other = {};  ///< whose memory nothing here reads
};

PciBus read_pci_bus(const fs::path& root) {
  PciBus bus;
  for (const fs::path& device : entries_of(root / "sys/bus/pci/devices")) {
    bus.readable = true;
    const std::string kind = first_line(device / "class"), vendor = first_line(device / "vendor");
    if (!kind.starts_with("0x03") && !kind.starts_with("0x12")) continue;
    if (vendor == kNvidia) bus.nvidia = true;
    if (vendor == kAmd) bus.amd = true;
    if (vendor == "0x8086") bus.other = "Intel";
    if (vendor == "0x1414") bus.other = "the Windows that this Linux runs in";
  }
  return bus;
}

// Why the GPUs that were found may not be all; empty if they are.
std::string doubt(const Result<std::vector<Gpu>>& nvidia, bool has_amd, bool has_any, const PciBus& bus) {
  if (!nvidia && (bus.nvidia || !bus.readable)) return nvidia.error().message;
  if (bus.amd && !has_amd) return "no driver serves the AMD GPU of this machine";
  if (!has_any && !bus.other.empty()) return "the memory of a GPU of " + bus.other + " is not read";
  return {};
}

Sourced<std::int64_t> sum_of(const std::vector<Gpu>& gpus, Sourced<std::int64_t> Gpu::*figure) {
  if (gpus.empty()) return {0, Source::measured, "no GPU of NVIDIA or AMD is on the PCI bus of this machine"};
  Sourced<std::int64_t> sum{0, Source::measured, (gpus.front().*figure).basis};
  for (const Gpu& gpu : gpus) {
    if (!(gpu.*figure)) return gpu.*figure;
    if ((gpu.*figure).basis != sum.basis) sum.basis = "the drivers of NVIDIA and AMD on this machine";
    sum.value += (gpu.*figure).value;
  }
  return sum;
}

}  // namespace

MachineGpus read_machine_gpus(const fs::path& root, const std::string& nvml) {
  MachineGpus machine;
  Result<std::vector<Gpu>> nvidia = nvidia_gpus(nvml);
  if (nvidia) machine.gpus = *nvidia;
  std::vector<Gpu> amd = amd_gpus(root);
  const bool has_amd = !amd.empty();
  std::move(amd.begin(), amd.end(), std::back_inserter(machine.gpus));
  const std::string why = doubt(nvidia, has_amd, !machine.gpus.empty(), read_pci_bus(root));
  machine.memory_bytes = why.empty() ? sum_of(machine.gpus, &Gpu::memory_bytes) : unknown(why);
  machine.free_bytes = why.empty() ? sum_of(machine.gpus, &Gpu::free_bytes) : unknown(why);
  return machine;
}

}  // namespace tachikoma::base
