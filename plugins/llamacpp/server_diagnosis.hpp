// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/http/http_client.hpp"
#include "common/provider/server_settings.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::llamacpp {

/// What is wrong with a server that somebody else runs, and with the way to it. An error only when it was
/// cancelled.
Result<std::vector<Finding>> examine_server(kit::HttpClient& client, const kit::ServerSettings& settings,
                                            Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
