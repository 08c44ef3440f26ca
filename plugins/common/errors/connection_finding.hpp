// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/net/server_url.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::kit {

/// Why a server could not be reached at `url`, as the error of an exchange with it tells. `server` is who
/// should be there, `start` how it is started.
Finding connection_finding(const Error& failure, const ServerUrl& url, const std::string& server,
                           const std::string& start);

}  // namespace tachikoma::kit
