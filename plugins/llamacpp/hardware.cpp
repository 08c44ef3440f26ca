// SPDX-License-Identifier: MIT
#include "llamacpp/hardware.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/machine_gpus.hpp"
#include "base/machine_memory.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "llamacpp/memory_estimate.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr char kOption[] = "--list-devices";
constexpr char kList[] = "llama-server --list-devices on this machine";
constexpr std::string_view kHeading = "Available devices:";

// " (24564 MiB, 23592 MiB free)" at the end of a device's line.
struct DeviceMemory {
  std::size_t at;  ///< its start in the line
  std::int64_t total_mib;
  std::int64_t free_mib;
};

std::optional<DeviceMemory> read_memory(std::string_view line) {
  if (!line.ends_with(" MiB free)")) return std::nullopt;
  const std::size_t at = line.rfind(" (");
  if (at == std::string_view::npos) return std::nullopt;
  DeviceMemory memory{at, 0, 0};
  const char* const last = line.data() + line.size();
  const auto [end, failure] = std::from_chars(line.data() + at + 2, last, memory.total_mib);
  constexpr std::string_view kThen = " MiB, ";
  const auto rest = line.substr(static_cast<std::size_t>(end - line.data()));
  if (failure != std::errc() || !rest.starts_with(kThen)) return std::nullopt;
  if (std::from_chars(end + kThen.size(), last, memory.free_mib).ec != std::errc()) return std::nullopt;
  return memory;
}

// "  CUDA0: NVIDIA GeForce RTX 4090 (24564 MiB, 23592 MiB free)". A maths library is listed too, and a device
// on another machine; neither is a GPU of this machine.
std::optional<Gpu> read_device(std::string_view line) {
  const auto memory = read_memory(line);
  const std::size_t colon = line.find(": ");
  if (!line.starts_with("  ") || !memory || colon == std::string_view::npos || colon > memory->at)
    return std::nullopt;
  const std::string_view device = line.substr(2, colon - 2);
  if (device.starts_with("BLAS") || device.starts_with("RPC")) return std::nullopt;
  Gpu gpu{.name = std::string(line.substr(colon + 2, memory->at - colon - 2))};
  gpu.memory_bytes = gpu.free_bytes = base::unknown("its driver does not report it");
  if (memory->total_mib <= 0) return gpu;
  gpu.memory_bytes = {memory->total_mib * 1024 * 1024, Source::reported, kList};
  gpu.free_bytes = {memory->free_mib * 1024 * 1024, Source::reported, kList};
  return gpu;
}

Sourced<std::int64_t> sum_of(const std::vector<Gpu>& gpus, Sourced<std::int64_t> Gpu::*figure) {
  if (gpus.empty()) return {0, Source::reported, std::string(kList) + ": there is no GPU that it can use"};
  Sourced<std::int64_t> sum{0, Source::reported, kList};
  for (const Gpu& gpu : gpus) {
    if (!(gpu.*figure)) return gpu.*figure;
    sum.value += (gpu.*figure).value;
  }
  return sum;
}

// Reads the list of devices; without one, the reason.
Status survey_gpus(const ServerBinary& binary, const Environment& environment, Cancellation& cancellation,
                   Hardware& hardware) {
  const auto unknown = [&](const std::string& why) {
    hardware.vram_bytes.basis = hardware.available_vram_bytes.basis = why;
    return Done{};
  };
  if (!binary.has(kOption)) return unknown("this llama-server (" + binary.build + ") has no " + kOption);
  const Result<std::string> text =
      output_of(binary.command(), kOption, kProbeTime, cancellation, environment);
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  std::optional<std::vector<Gpu>> gpus = text ? read_devices(*text) : std::nullopt;
  if (!gpus) return unknown(text ? std::string(kList) + " returned no list" : text.error().message);
  hardware.gpus = *std::move(gpus);
  hardware.vram_bytes = sum_of(hardware.gpus, &Gpu::memory_bytes);
  hardware.available_vram_bytes = sum_of(hardware.gpus, &Gpu::free_bytes);
  return Done{};
}

Hardware with_memory(const base::MachineMemory& memory) {
  return {.ram_bytes = memory.limit_bytes, .available_ram_bytes = memory.available_bytes};
}

/// Marks of the devices that are not the CPU, in llama.cpp's messages: the names of ggml's backends.
constexpr std::string_view kDevices[] = {"cuda", "rocm",  "hip",  "vulkan", "sycl",
                                         "rpc",  "metal", "cann", "opencl", "musa"};

bool is_of_device(const Error& error) {
  const std::string text = base::to_lower(error.message);
  return std::any_of(std::begin(kDevices), std::end(kDevices),
                     [&](std::string_view mark) { return text.find(mark) != std::string::npos; });
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

std::optional<std::vector<Gpu>> read_devices(std::string_view text) {
  bool is_list = false;
  std::vector<Gpu> gpus;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    is_list = is_list || line.starts_with(kHeading);
    if (std::optional<Gpu> gpu = read_device(line)) gpus.push_back(*std::move(gpu));
  }
  if (!is_list) return std::nullopt;
  return gpus;
}

Result<Hardware> survey_machine(const Result<ServerBinary>& binary, const Environment& environment,
                                Cancellation& cancellation) {
  Hardware hardware = with_memory(base::read_machine_memory());
  if (!binary) {
    if (cancellation.requested()) return binary.error();
    hardware.vram_bytes.basis = hardware.available_vram_bytes.basis = binary.error().message;
    return hardware;
  }
  hardware.engine = "llama.cpp " + binary->build;
  TACHIKOMA_TRY_STATUS(survey_gpus(*binary, environment, cancellation, hardware));
  return hardware;
}

Error with_memory(Error error, const base::GgufModel& model, const LoadSettings& settings) {
  if (error.code != ErrorCode::insufficient_memory) return error;
  // what the log has is the one buffer that failed
  const std::int64_t failed = error.detail["required_bytes"].as_integer(0);
  const Sourced<std::int64_t> whole = estimate_memory(model, settings).total_bytes;
  if (whole && whole.value >= failed) {
    error.detail.set("required_bytes", whole.value);
    error.detail.set("required_basis", base::source_of(whole));
  } else if (failed > 0) {
    error.detail.set("required_basis", "reported: llama.cpp's log: at least the buffer that failed");
  }
  const Sourced<std::int64_t> free = base::read_machine_memory().available_bytes;
  if (!free || is_of_device(error)) return error;
  error.detail.set("available_bytes", free.value);
  error.detail.set("available_basis", base::source_of(free));
  return error;
}

Result<Hardware> survey_server_at(const kit::ServerUrl& url, const std::filesystem::path& root,
                                  const std::string& nvml) {
  if (!is_this_machine(url.host))
    return Error(ErrorCode::unsupported, "llama.cpp's server reports nothing about its machine, and " +
                                             url.text() + " is another one");
  Hardware hardware = with_memory(base::read_whole_machine_memory(root));
  base::MachineGpus machine = base::read_machine_gpus(root, nvml);
  hardware.vram_bytes = std::move(machine.memory_bytes);
  hardware.available_vram_bytes = std::move(machine.free_bytes);
  hardware.gpus = std::move(machine.gpus);
  for (Sourced<std::int64_t>* number : {&hardware.ram_bytes, &hardware.available_ram_bytes,
                                        &hardware.vram_bytes, &hardware.available_vram_bytes})
    number->basis += ", as " + url.text() + " is on this machine";
  return hardware;
}

}  // namespace tachikoma::llamacpp
