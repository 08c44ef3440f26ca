// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/net/call_scope.hpp"
#include "common/net/socket.hpp"
#include "common/net/wakeup.hpp"
#include "tachikoma/plugin/capability/name_resolver.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Resolves host names, with the host's lookups, which can be abandoned at any time.
/// [thread-safe]
class Resolver {
 public:
  using Addresses = std::vector<SocketAddress>;

  /// `host` must outlive it.
  explicit Resolver(Host& host);

  /// The addresses that need no lookup, in the order to try them: that of a numeric host; for "localhost"
  /// both loopback addresses, because servers on this machine often listen on one of them only.
  static std::optional<Addresses> known(const std::string& host, std::uint16_t port);
  /// Starts a lookup; see `NameResolver::start`.
  Result<std::unique_ptr<NameLookup>> start(const std::string& host, std::uint16_t port,
                                            NameResolver::Callback finished, void* user);
  /// The result of a finished lookup. Fails with `unreachable`.
  static Result<Addresses> take(NameLookup& lookup);

  /// Blocks until the lookup is done. Fails with `unreachable`, `overloaded` and `cancelled`. `cancelled` is
  /// set on cancellation.
  Result<Addresses> resolve(const std::string& host, std::uint16_t port, const CallScope& scope,
                            const Wakeup& cancelled);

 private:
  NameResolver* names_;  // null if the host has none
};

}  // namespace tachikoma::kit
