// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "bench/client.hpp"

namespace tachikoma::bench {

/// What a careful author writes without a framework: libcurl, an SSE line splitter and simdjson's
/// on-demand parser, one connection kept alive.
std::unique_ptr<Client> make_curl_client(const std::string& base_url);

}  // namespace tachikoma::bench
