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

/// Finds the addresses of host names, with the lookups that the host lends: they can be left at any time.
/// [thread-safe]
class Resolver {
 public:
  using Addresses = std::vector<SocketAddress>;

  /// `host` must outlive it.
  explicit Resolver(Host& host);

  /// The addresses that need no lookup, in the order to try them: of a numeric host; of "localhost" both
  /// loopback addresses, because servers on this machine often listen on one of them only.
  static std::optional<Addresses> known(const std::string& host, std::uint16_t port);
  /// Starts a lookup, as `NameResolver::start` does.
  Result<std::unique_ptr<NameLookup>> start(const std::string& host, std::uint16_t port,
                                            NameResolver::Callback finished, void* user);
  /// What a lookup that is done has found. Fails with `unreachable`.
  static Result<Addresses> take(NameLookup& lookup);

  /// All of it, waiting. Fails with `unreachable`, `overloaded` and `cancelled`. `cancelled` is set on
  /// cancellation.
  Result<Addresses> resolve(const std::string& host, std::uint16_t port, const CallScope& scope,
                            const Wakeup& cancelled);

 private:
  NameResolver* names_;  // null when the host lends none
};

}  // namespace tachikoma::kit
