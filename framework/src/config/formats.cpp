// SPDX-License-Identifier: MIT
#include "config/formats.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

Formatted from_quantity(const Quantity& quantity, std::string_view text) {
  if (!quantity.value) return {.expected = quantity.expected};
  return {.typed = *quantity.value, .shown = text};
}

bool has_port_in_range(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return true;
  const NumberText port = parse_number(authority.substr(colon + 1));
  return port.kind == NumberText::Kind::integer && port.integer >= 1 && port.integer <= 65535;
}

Formatted check_uri(std::string_view text) {
  Formatted wrong{.expected = "a URL such as http://localhost:1234/v1"};
  const std::size_t scheme = text.find("://");
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7F; });
  if (scheme == std::string_view::npos || scheme == 0 || !plain) {
    wrong.quote = text.find('@') == std::string_view::npos;
    return wrong;
  }
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return {.expected = "a URL without a user name or password (a key belongs in api_key or headers)",
            .quote = false};
  if (authority.empty() || authority[0] == ':') return wrong;
  if (!has_port_in_range(authority)) {
    wrong.expected = "a URL whose port is 1 to 65535";
    return wrong;
  }
  return {.typed = text, .shown = text};
}

Formatted resolve_path(std::string_view text, std::string_view base_folder) {
  if (text.empty()) return {.expected = "a path"};
  std::filesystem::path path(text);
  if (text == "~" || text.starts_with("~/")) {
    const char* home = std::getenv("HOME");
    if (!home || !*home) return {.expected = "a path without ~, because HOME is not set"};
    path = std::filesystem::path(home) / text.substr(std::min<std::size_t>(2, text.size()));
  }
  const std::string resolved = (std::filesystem::path(base_folder) / path).lexically_normal().string();
  return {.typed = resolved, .shown = resolved};
}

// Counts are numbers, and never get here.
Formatted check_gpu_layers(std::string_view text) {
  Formatted wrong{.expected = "a number of layers, 'all', 'off', or a share such as '50%'"};
  if (text == "all" || text == "off") return {.typed = text, .shown = text};
  if (!text.ends_with('%')) return wrong;
  const NumberText share = parse_number(std::string(text.substr(0, text.size() - 1)) + "e-2");
  const bool number = share.kind == NumberText::Kind::integer || share.kind == NumberText::Kind::real;
  if (number && share.real >= 0 && share.real <= 1) return {.typed = text, .shown = text};
  wrong.expected = "a share from '0%' to '100%'";
  return wrong;
}

}  // namespace

bool is_format(std::string_view name) {
  return name == "duration" || name == "size" || name == "uri" || name == "path" || name == "secret";
}

Formatted apply_format(std::string_view format, std::string_view text, std::string_view base_folder) {
  if (format == "duration") return from_quantity(parse_duration(text), text);
  if (format == "size") return from_quantity(parse_size(text), text);
  if (format == "uri") return check_uri(text);
  if (format == "path") return resolve_path(text, base_folder);
  if (format == "gpu-layers") return check_gpu_layers(text);
  return {.typed = text, .shown = text};
}

}  // namespace tachikoma::config
