// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// True for what --file fetches: an address that begins with http:// or https://.
bool is_url(std::string_view name);

/// What a server answers to that address, fetched by the program `curl`: it knows proxies, redirects and
/// certificates. `invalid_argument` with curl's own words if there is none, or more than `max_bytes`.
Result<std::string> fetch_url(const std::string& url, std::size_t max_bytes);

}  // namespace tachikoma::cli
