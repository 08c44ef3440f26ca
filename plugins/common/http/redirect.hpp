// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace tachikoma::kit {

/// Where a redirect leads.
struct RedirectTarget {
  std::string scheme;
  std::string host;
  int port = 0;
  std::string path_and_query;
  std::string shown;  ///< without what may be a secret: user info, query, fragment
};

/// Resolves a Location header against the address of its request (RFC 3986); nullopt if it is no address.
using ResolveRedirect = std::optional<RedirectTarget>(const std::string& base, const std::string& location);

}  // namespace tachikoma::kit
