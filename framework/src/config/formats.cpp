// SPDX-License-Identifier: MIT
#include "config/formats.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/ascii.hpp"
#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

using schema::FormatReading;

FormatReading read_quantity(const Quantity& quantity) {
  if (!quantity.value) return {{}, quantity.expected};
  return {*quantity.value};
}

FormatReading read_duration(std::string_view text) { return read_quantity(parse_duration(text)); }

FormatReading read_size(std::string_view text) { return read_quantity(parse_size(text)); }

bool has_port_in_range(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return true;
  const NumberText port = parse_number(authority.substr(colon + 1));
  return port.kind == NumberText::Kind::integer && port.integer >= 1 && port.integer <= 65535;
}

FormatReading read_uri(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7F; });
  const bool whole = scheme != std::string_view::npos && scheme > 0 && plain;
  const std::string_view rest = whole ? text.substr(scheme + 3) : std::string_view();
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return {{}, "a URL without a user name or password (a key belongs in api_key or headers)"};
  if (authority.empty() || authority[0] == ':') return {{}, "a URL such as http://localhost:1234/v1"};
  const std::string protocol = base::to_lower(text.substr(0, scheme));
  if (protocol != "http" && protocol != "https") return {{}, "a URL that begins with http:// or https://"};
  if (!has_port_in_range(authority)) return {{}, "a URL whose port is 1 to 65535"};
  return {text};
}

const char* home() {
  const char* folder = std::getenv("HOME");
  return folder && *folder ? folder : nullptr;
}

bool starts_at_home(std::string_view path) { return path == "~" || path.starts_with("~/"); }

FormatReading read_path(std::string_view text) {
  if (text.empty()) return {{}, "a path"};
  if (starts_at_home(text) && !home()) return {{}, "a path without ~, because HOME is not set"};
  return {text};
}

FormatReading read_secret(std::string_view text) { return {text}; }

// Counts are numbers, which never get here.
FormatReading read_gpu_layers(std::string_view text) {
  if (text == "all" || text == "off" || parse_share(text)) return {text};
  if (text.ends_with('%')) return {{}, "a share from '0%' to '100%'"};
  return {{}, "a number of layers, 'all', 'off', or a share such as '50%'"};
}

FormatReading read_share(std::string_view text) {
  if (const auto share = parse_share(text)) return {*share};
  return {{}, "a number such as 0.2, or a share such as '20%'"};
}

FormatReading read_token(std::string_view text) {
  const NumberText number = parse_number(text);
  if (number.kind == NumberText::Kind::integer && number.integer >= 0) return {number.integer};
  return {{}, "a whole number from 0"};
}

}  // namespace

const schema::Formats& plugin_formats() {
  static const schema::Formats formats = {{"duration", read_duration},
                                          {"path", read_path},
                                          {"secret", read_secret},
                                          {"size", read_size},
                                          {"uri", read_uri}};
  return formats;
}

const schema::Formats& all_formats() {
  static const schema::Formats formats = [] {
    schema::Formats all = plugin_formats();
    all["gpu-layers"] = read_gpu_layers;
    all["share"] = read_share;
    all["token"] = read_token;
    return all;
  }();
  return formats;
}

bool is_quantity(std::string_view format) { return format == "duration" || format == "size"; }

std::string resolve_path(std::string_view text, std::string_view base_folder) {
  if (read_path(text).meaning.is_null()) return std::string(text);
  std::filesystem::path path(text);
  if (starts_at_home(text))
    path = std::filesystem::path(home()) / text.substr(std::min<std::size_t>(2, text.size()));
  return (std::filesystem::path(base_folder) / path).lexically_normal().string();
}

}  // namespace tachikoma::config
