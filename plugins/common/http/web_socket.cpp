// SPDX-License-Identifier: MIT
#include "common/http/web_socket.hpp"

#include "base/try.hpp"
#include "common/net/poco_library.hpp"

namespace tachikoma::kit {

Result<WebSocket::Upgrade> WebSocket::open(std::unique_ptr<Connection> connection,
                                           const UpgradeRequest& request, const CallScope& scope) {
  TACHIKOMA_TRY(void* const open, poco_symbol("tachikoma_open_web_socket"));
  return reinterpret_cast<OpenWebSocket*>(open)(std::move(connection), request, scope);
}

}  // namespace tachikoma::kit
