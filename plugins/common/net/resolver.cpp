// SPDX-License-Identifier: MIT
#include "common/net/resolver.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <utility>

#include "base/try.hpp"

namespace tachikoma::kit {
namespace {

std::optional<SocketAddress> read_numeric(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return std::nullopt;
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  ::freeaddrinfo(found);
  return address;
}

}  // namespace

Resolver::Resolver(Host& host) : names_(static_cast<NameResolver*>(host.capability(NameResolver::kId))) {}

std::optional<Resolver::Addresses> Resolver::known(const std::string& host, std::uint16_t port) {
  if (host == "localhost") return Addresses{*read_numeric("::1", port), *read_numeric("127.0.0.1", port)};
  if (const auto numeric = read_numeric(host, port)) return Addresses{*numeric};
  return std::nullopt;
}

Result<std::unique_ptr<NameLookup>> Resolver::start(const std::string& host, std::uint16_t port,
                                                    NameResolver::Callback finished, void* user) {
  if (!names_)
    return Error(ErrorCode::unsupported,
                 "host '" + host + "' can't be looked up: this host program does not resolve names",
                 "write base_url with a numeric address");
  return names_->start(host, port, finished, user);
}

Result<Resolver::Addresses> Resolver::take(NameLookup& lookup) {
  Result<std::vector<std::string>> found = lookup.take();
  if (!found) {
    Error error = std::move(found).error();
    error.hint = "check the host name in base_url";
    if (error.code == ErrorCode::unreachable) error.detail = because("unknown_host");
    return error;
  }
  Addresses addresses;
  for (const std::string& bytes : *found) {
    SocketAddress address;
    if (bytes.size() > sizeof address.storage) continue;
    std::memcpy(&address.storage, bytes.data(), bytes.size());
    address.length = static_cast<socklen_t>(bytes.size());
    addresses.push_back(address);
  }
  return addresses;
}

Result<Resolver::Addresses> Resolver::resolve(const std::string& host, std::uint16_t port,
                                              const CallScope& scope, const Wakeup& cancelled) {
  if (auto addresses = known(host, port)) return *std::move(addresses);
  const Wakeup finished;
  if (finished.fd() < 0) return connect_error(errno);
  const auto wake = [](void* wakeup) { static_cast<const Wakeup*>(wakeup)->set(); };
  TACHIKOMA_TRY(const auto lookup, start(host, port, wake, const_cast<Wakeup*>(&finished)));
  std::array<pollfd, 2> waiting{pollfd{finished.fd(), POLLIN, 0}, pollfd{cancelled.fd(), POLLIN, 0}};
  while (!lookup->done()) {
    if (scope.cancellation.requested())
      return Error(ErrorCode::cancelled, "cancelled while looking up '" + host + "'");
    if (scope.expired())
      return Error(ErrorCode::unreachable, "the lookup of host '" + host + "' takes too long", {},
                   because("unknown_host"));
    ::poll(waiting.data(), waiting.size(), scope.poll_timeout());
  }
  return take(*lookup);
}

}  // namespace tachikoma::kit
