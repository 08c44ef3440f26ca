// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "base/nvml.hpp"
#include "common/net/server_url.hpp"
#include "llamacpp/server_binary.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::llamacpp {

/// The GPUs in the output of `llama-server --list-devices`; nullopt if it is not a list of devices.
std::optional<std::vector<Gpu>> read_devices(std::string_view text);

/// This machine's hardware, with the GPUs that servers of `binary` would use. Fails only when cancelled.
Result<Hardware> survey_machine(const Result<ServerBinary>& binary, const Environment& environment,
                                Cancellation& cancellation);

/// `error`, with the memory that a load of `model` needs as a whole, and, if it lacked RAM, what is free of
/// it. Unchanged unless it is `insufficient_memory`.
Error with_memory(Error error, const base::GgufModel& model, const LoadSettings& settings);

/// The hardware of a server that was started elsewhere: `unsupported` unless its address is
/// this machine's. `root` is the parent of /proc and /sys, `nvml` the library of NVIDIA's driver.
Result<Hardware> survey_server_at(const kit::ServerUrl& url, const std::filesystem::path& root = "/",
                                  const std::string& nvml = base::kNvml);

}  // namespace tachikoma::llamacpp
