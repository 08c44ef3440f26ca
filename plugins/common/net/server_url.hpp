// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Where a server's API starts.
struct ServerUrl {
  bool tls = false;
  std::string host = {};  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string prefix = {};  ///< path that all others are behind: empty, or `/x` without a slash at its end
  std::string api = "/v1";  ///< path of OpenAI's API behind it: `/v1`, or empty if `prefix` is that path

  /// "127.0.0.1:1234" or "[::1]:1234", without the scheme's own port: the Host header.
  std::string authority() const;
  /// "http://127.0.0.1:1234/prefix", for messages.
  std::string text() const;
};

/// What the path of a URL is.
enum class UrlPath : std::uint8_t {
  api,    ///< where OpenAI's API is: `/v3`; none means `/v1`
  mount,  ///< where a proxy has the server's own paths; one of these at its end doesn't count
};

/// Reads an http or https URL with host, optional port and optional path. Fails with `config_invalid`.
Result<ServerUrl> parse_server_url(std::string_view text, UrlPath path = UrlPath::api);

/// `target` as a request line can have it: each byte that ends a line or a word there, or is not ASCII, is
/// percent-encoded.
std::string request_target(std::string_view target);
void append_request_target(std::string& out, std::string_view target);

/// `text` as one part of a URL: a step of its path, or a value of its query. Everything that a server said
/// goes into a request like this.
std::string percent_encoded(std::string_view text);

}  // namespace tachikoma::kit
