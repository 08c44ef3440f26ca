// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/http/server_access.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// The configuration of a server: `base_url`, `api_key`, `headers` and `tls`.
struct ServerSettings {
  std::string base_url = {};
  ServerAccess access = {};

  /// Reads an object. Other keys belong to the caller. Fails with `config_invalid`.
  static Result<ServerSettings> read(const Value& settings);
};

}  // namespace tachikoma::kit
