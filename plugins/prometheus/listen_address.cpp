// SPDX-License-Identifier: MIT
#include "prometheus/listen_address.hpp"

#include <charconv>

#include <arpa/inet.h>

#include "base/excerpt.hpp"

namespace tachikoma::exposition {
namespace {

bool is_ip(const std::string& text, int family) {
  in6_addr address = {};  // has room for both kinds
  return ::inet_pton(family, text.c_str(), &address) == 1;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string ListenAddress::text() const {
  const std::string host = ip.find(':') == std::string::npos ? ip : "[" + ip + "]";
  return host + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  ListenAddress address;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && read_port(text.substr(colon + 1), address.port)) {
    const std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    address.ip = bracketed ? host.substr(1, host.size() - 2) : host;
    if (is_ip(address.ip, bracketed ? AF_INET6 : AF_INET)) return address;
  }
  return Error(
      ErrorCode::config_invalid,
      "monitor 'prometheus' can't listen on '" + base::excerpt(text) + "': that is no IP address with a port",
      "write 'listen' as 127.0.0.1:9464, or as [::1]:9464");
}

}  // namespace tachikoma::exposition
