// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace tachikoma {

enum class Severity : std::uint8_t { debug, info, warning, error };

/// "debug", "info", "warning" or "error".
constexpr std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::debug: return "debug";
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "info";
}

/// The host's interface to a component. Outlives the component. [thread-safe]
class Host {
 public:
  /// Writes one line to the application's log, marked with the component's name. Never log a secret.
  virtual void log(Severity severity, std::string_view text) = 0;
  /// A host interface by versioned id, such as `NameResolver::kId`, or null. Lives as long as the host.
  virtual void* capability(std::string_view id) = 0;

 protected:
  ~Host() = default;
};

}  // namespace tachikoma
