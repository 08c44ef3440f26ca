// SPDX-License-Identifier: MIT
#include "queue/queue_address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"

namespace tachikoma::queue {
namespace {

constexpr std::string_view kScheme = "redis://", kTlsScheme = "rediss://";
constexpr std::size_t kLongestName = 100;
constexpr char kForm[] = "write redis://[USER:PASSWORD@]HOST[:PORT]/NAME";

Error wrong_url(std::string what, std::string hint = kForm) {
  return Error(ErrorCode::invalid_argument, std::move(what), std::move(hint));
}

// What is escaped as %41; nullopt if it can't be.
std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned code = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 2 || failure != std::errc() || end != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(code);
    i += 2;
  }
  return plain;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

Status read_login(std::string_view login, QueueAddress& into) {
  const std::size_t colon = login.find(':');
  if (colon == std::string_view::npos)
    return wrong_url("the address of the queue has a user without a password");
  const auto user = unescaped(login.substr(0, colon)), password = unescaped(login.substr(colon + 1));
  if (!user || !password)
    return wrong_url("the user or the password in the address of the queue has a '%' that escapes nothing",
                     "write %25 for it");
  into.user = *user;
  into.password = *password;
  return Done{};
}

Status read_port(std::string_view text, QueueAddress& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into.port);
  if (failure == std::errc() && end == text.data() + text.size() && into.port > 0) return Done{};
  return wrong_url("'" + base::excerpt(text) + "' in the address of the queue is not a port",
                   "give a number from 1 to 65535");
}

Status read_server(std::string_view server, QueueAddress& into) {
  std::size_t colon = server.rfind(':');
  if (server.starts_with('[')) {  // an IPv6 address
    const std::size_t end = server.find(']');
    if (end == std::string_view::npos) return wrong_url("the address of the queue has a '[' without a ']'");
    into.host = server.substr(1, end - 1);
    colon = end + 1 < server.size() ? end + 1 : std::string_view::npos;
  } else {
    into.host = server.substr(0, colon);
  }
  if (into.host.empty()) return wrong_url("the address of the queue names no host");
  return colon == std::string_view::npos ? Status(Done{}) : read_port(server.substr(colon + 1), into);
}

}  // namespace

std::string QueueAddress::server() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return std::string(kScheme) + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<QueueAddress> parse_queue_url(std::string_view url) {
  if (url.starts_with(kTlsScheme))
    return wrong_url("the queue can't be reached by TLS ('rediss://')",
                     "use redis:// through a tunnel, such as ssh -L 6379:localhost:6379 HOST or stunnel");
  if (!url.starts_with(kScheme)) return wrong_url("the address of the queue does not begin with 'redis://'");
  url.remove_prefix(kScheme.size());
  QueueAddress address;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    TACHIKOMA_TRY_STATUS(read_login(url.substr(0, at), address));
    url.remove_prefix(at + 1);
  }
  const std::size_t slash = url.find('/');
  TACHIKOMA_TRY_STATUS(read_server(url.substr(0, slash), address));
  address.name = slash == std::string_view::npos ? "" : url.substr(slash + 1);
  if (address.name.empty())
    return wrong_url("'" + address.server() + "' names no batch",
                     "add a name of your choice to it: " + address.server() + "/my-batch");
  if (!is_name(address.name))
    return wrong_url("'" + base::excerpt(address.name) + "' can't be the name of a batch",
                     "use up to 100 letters, digits, dots, underscores and hyphens");
  return address;
}

}  // namespace tachikoma::queue
