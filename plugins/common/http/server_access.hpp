// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/net/tls.hpp"

namespace tachikoma::kit {

/// True if a header can have this name or value: a line break would begin another header, or another request.
inline bool fits_in_header(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

/// How to talk to a server, besides its address.
struct ServerAccess {
  std::string api_key = {};  ///< sent as a bearer token; empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string model_header = {};  ///< names the model of a request, for a load balancer; empty: none
  TlsSettings tls = {};
};

}  // namespace tachikoma::kit
