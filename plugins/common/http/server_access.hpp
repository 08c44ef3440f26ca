// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/net/tls.hpp"

namespace tachikoma::kit {

/// How to talk to a server, besides its address.
struct ServerAccess {
  std::string api_key = {};  ///< sent as a bearer token; empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  TlsSettings tls = {};
};

}  // namespace tachikoma::kit
