// SPDX-License-Identifier: MIT
#include "common/net/server_url.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "base/secrets.hpp"

namespace tachikoma::kit {
namespace {

// Routes that are behind a base URL, not part of it.
constexpr std::string_view kRoutes[] = {"/chat/completions", "/embeddings", "/responses"};

// Without double slashes and without one at its end.
std::string normalized(std::string_view path) {
  std::string out;
  for (char c : path)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  while (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

// With "%XX" for each byte that is not plain.
template <class Plain>
void append_escaped(std::string& out, std::string_view text, const Plain& plain) {
  constexpr char kHex[] = "0123456789ABCDEF";
  while (!text.empty()) {
    const auto odd = std::find_if_not(text.begin(), text.end(), plain);
    out.append(text.begin(), odd);
    text.remove_prefix(static_cast<std::size_t>(odd - text.begin()));
    if (text.empty()) return;
    const auto byte = static_cast<unsigned char>(text.front());
    out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    text.remove_prefix(1);
  }
}

void read_path(std::string_view text, UrlPath path, ServerUrl& url) {
  url.prefix = normalized(text);
  if (url.prefix.ends_with("/v1"))
    url.prefix.resize(url.prefix.size() - 3);
  else if (path == UrlPath::api && !url.prefix.empty())
    url.api.clear();
  if (path == UrlPath::api) return;
  for (std::string_view own : {"/api", "/api/v0"})  // of LM Studio's API, which may be `/api/v1`
    if (url.prefix.ends_with(own)) url.prefix.resize(url.prefix.size() - own.size());
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

// "host", "host:port", "[v6]" or "[v6]:port" into host and port.
bool read_authority(std::string_view text, ServerUrl& url) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    const auto allowed = [](char c) {
      return std::string_view("0123456789abcdefABCDEF:.").find(c) != std::string_view::npos;
    };
    if (!std::all_of(host.begin(), host.end(), allowed)) return false;
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    if (host.find_first_of("[]%\\") != std::string_view::npos) return false;
  }
  url.host = base::to_lower(host);
  if (host.empty() || (!rest.empty() && rest[0] != ':')) return false;
  return rest.empty() || read_port(rest.substr(1), url.port);
}

}  // namespace

std::string ServerUrl::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? 443 : 80) ? out : out + ":" + std::to_string(port);
}

std::string ServerUrl::text() const { return (tls ? "https://" : "http://") + authority() + prefix; }

Result<ServerUrl> parse_server_url(std::string_view text, UrlPath path) {
  const auto refuse = [&](const std::string& why, std::string_view shown) {
    return Error(ErrorCode::config_invalid, "base_url '" + base::without_url_secrets(shown) + "' " + why,
                 "write it like http://localhost:1234");
  };
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return refuse("has no scheme", text);
  const std::string name = base::to_lower(text.substr(0, scheme));
  const std::string_view rest = text.substr(scheme + 3);
  const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    const std::string shown = name + "://…@" + std::string(rest.substr(rest.find('@') + 1));
    return refuse("holds a user name or a password; give the key as api_key or in headers", shown);
  }
  if (name != "http" && name != "https") return refuse("is neither http nor https", text);
  const auto unfit = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), unfit))
    return refuse("holds a blank or a control character", text);
  if (rest.find_first_of("?#", slash) != std::string_view::npos)
    return refuse("has a query or a fragment", text);
  ServerUrl url;
  url.tls = name == "https";
  url.port = url.tls ? 443 : 80;
  if (!read_authority(authority, url)) return refuse("has no valid host and port", text);
  read_path(rest.substr(slash), path, url);
  for (std::string_view route : kRoutes)
    if (url.prefix.ends_with(route))
      return refuse("ends with '" + std::string(route) + "', which is added to it", text);
  return url;
}

void append_request_target(std::string& out, std::string_view target) {
  append_escaped(out, target, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string request_target(std::string_view target) {
  std::string out;
  append_request_target(out, target);
  return out;
}

std::string percent_encoded(std::string_view text) {
  if (text == "." || text == "..") return text.size() == 1 ? "%2E" : "%2E%2E";  // steps of a path, else
  constexpr std::string_view kPlain = "-._~:@ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  append_escaped(out, text, [&](char c) { return kPlain.find(c) != std::string_view::npos; });
  return out;
}

}  // namespace tachikoma::kit
