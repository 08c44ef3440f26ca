// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::exposition {

/// Where a server listens.
struct ListenAddress {
  std::string ip = {};     ///< without the brackets of IPv6
  std::uint16_t port = 0;  ///< 0: a free one

  /// "127.0.0.1:9464", "[::1]:9464".
  std::string text() const;
};

/// Reads an IP address and a port. Fails with `config_invalid`.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace tachikoma::exposition
