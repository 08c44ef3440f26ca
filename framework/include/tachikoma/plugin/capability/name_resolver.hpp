// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A running lookup. Destroying it abandons the lookup immediately.
class NameLookup {
 public:
  virtual ~NameLookup() = default;
  /// True once the lookup has finished. [thread-safe]
  virtual bool done() const = 0;
  /// The addresses, each the bytes of a `sockaddr`, in the order to try them. Call once, after `done`.
  virtual Result<std::vector<std::string>> take() = 0;
};

/// Resolves host names. Lent by the host to every component, through `Host::capability`.
///
/// The system's lookup can't be interrupted. It runs on a thread of the host, which may outlive the plugin
/// that asked, so no plugin ever waits for a name server that does not answer. [thread-safe]
class NameResolver {
 public:
  static constexpr std::string_view kId = "tachikoma.name-resolver/1";
  using Callback = void (*)(void* user);

  /// Starts looking up `host`. `finished(user)` runs once, on a thread of the host, when the lookup is done;
  /// it must not block. It never runs after the NameLookup was destroyed: the destructor waits for a running
  /// callback.
  virtual Result<std::unique_ptr<NameLookup>> start(std::string_view host, std::uint16_t port,
                                                    Callback finished, void* user) = 0;

 protected:
  ~NameResolver() = default;
};

}  // namespace tachikoma
