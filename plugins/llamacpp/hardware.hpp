// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/net/server_url.hpp"
#include "llamacpp/server_binary.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"

namespace tachikoma::llamacpp {

/// The GPUs in what `llama-server --list-devices` wrote; nothing when it is no list of devices.
std::optional<std::vector<Gpu>> read_devices(std::string_view text);

/// This machine, with the GPUs that servers of `binary` would use. An error only when it was cancelled.
Result<Hardware> survey_machine(const Result<ServerBinary>& binary, const Environment& environment,
                                Cancellation& cancellation);

/// What can be said of the machine of a server that somebody else runs: `unsupported` unless its address is
/// this machine's.
Result<Hardware> survey_server_at(const kit::ServerUrl& url);

}  // namespace tachikoma::llamacpp
