// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/net/tls.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// What the configuration says about a server: `base_url`, `api_key`, `headers` and `tls`.
struct ServerSettings {
  std::string base_url = {};
  std::string api_key = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  TlsSettings tls = {};

  /// Reads an object. Keys that are none of these belong to the caller. Fails with `config_invalid`.
  static Result<ServerSettings> read(const Value& settings);
};

}  // namespace tachikoma::kit
