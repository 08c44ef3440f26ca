// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A look-up that was started. Destroying it abandons the look-up at once, whatever it is doing.
class NameLookup {
 public:
  virtual ~NameLookup() = default;
  /// True once the answer is there. [thread-safe]
  virtual bool done() const = 0;
  /// The addresses, each the bytes of a `sockaddr`, in the order to try them. Call once, after `done`.
  virtual Result<std::vector<std::string>> take() = 0;
};

/// Lent by the host to every component, through `Host::capability`: finds the addresses of host names.
///
/// The system's look-up can't be interrupted. It runs on a thread of the host's, which may outlive the
/// plugin that asked: so no plugin ever waits for a name server that does not answer. [thread-safe]
class NameResolver {
 public:
  static constexpr std::string_view kId = "tachikoma.name-resolver/1";
  using Callback = void (*)(void* user);

  /// Starts looking up `host`. `finished(user)` runs once, on a thread of the host's, when it is done; never
  /// after the NameLookup was destroyed, whose destructor waits for a callback that runs. It must not block.
  virtual Result<std::unique_ptr<NameLookup>> start(std::string_view host, std::uint16_t port,
                                                    Callback finished, void* user) = 0;

 protected:
  ~NameResolver() = default;
};

}  // namespace tachikoma
