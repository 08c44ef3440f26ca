// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/http/http_client.hpp"
#include "common/net/call_scope.hpp"
#include "common/net/connection.hpp"
#include "common/net/wakeup.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// A client's request for a WebSocket.
struct UpgradeRequest {
  std::string authority;  ///< the Host header
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// The longest message, in bytes, either way.
inline constexpr std::size_t kMaxWebSocketMessage = 64 * 1024 * 1024;

/// The client's side of one WebSocket (RFC 6455) for text messages. One thread uses it;
/// only `interrupt` may be called on any. After an error it can't be used any more.
class WebSocket {
 public:
  /// The open socket, or the server's refusal.
  using Upgrade = std::variant<std::unique_ptr<WebSocket>, Document>;

  /// Requests the upgrade, and waits for the answer until the scope is cancelled. An error's message is the
  /// cause alone: `unreachable` if the server went away, `protocol` if its answer is not HTTP or not a
  /// valid upgrade.
  static Result<Upgrade> open(std::unique_ptr<Connection> connection, const UpgradeRequest& request,
                              const CallScope& scope);
  virtual ~WebSocket() = default;

  /// Sends `text`, of at most `kMaxWebSocketMessage` bytes.
  virtual Status send(std::string_view text) = 0;
  /// Waits until there is something to receive (true), or `wakeup` is set (false), which clears it.
  virtual bool wait(const Wakeup& wakeup) const = 0;
  /// Reads one frame. Returns the message that it completes, or nullopt; non-text frames are handled here.
  /// Fails with `unreachable` when the server closes, and with `protocol`; the message is the cause alone.
  virtual Result<std::optional<std::string>> receive() = 0;
  /// Ends blocked calls. [thread-safe]
  virtual void interrupt() noexcept = 0;
};
using OpenWebSocket = Result<WebSocket::Upgrade>(std::unique_ptr<Connection> connection,
                                                 const UpgradeRequest& request, const CallScope& scope);

}  // namespace tachikoma::kit
