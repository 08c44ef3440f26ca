// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/http/http_client.hpp"
#include "common/http/server_access.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::llamacpp {

/// What is wrong with a server that was started elsewhere, and with the connection to it. Fails only when
/// cancelled.
Result<std::vector<Finding>> examine_server(kit::HttpClient& client, const kit::ServerAccess& access,
                                            Cancellation& cancellation);

}  // namespace tachikoma::llamacpp
