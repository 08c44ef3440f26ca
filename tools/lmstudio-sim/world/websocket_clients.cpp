// SPDX-License-Identifier: MIT
#include "world/websocket_clients.hpp"

#include "world/api_tokens.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::size_t kMaxNameSize = 256;

bool is_name(const JsonValue& value) { return value.is_string() && value.as_string().size() <= kMaxNameSize; }

}  // namespace

bool WebSocketClients::is_packet(const JsonValue& frame) {
  return frame["authVersion"].as_integer() == 1 && is_name(frame["clientIdentifier"]) &&
         is_name(frame["clientPasskey"]);
}

std::optional<std::string> WebSocketClients::refuse(const JsonValue& packet) {
  const std::string identifier(packet["clientIdentifier"].as_string());
  const std::string passkey(packet["clientPasskey"].as_string());
  if (script_.require_auth) {
    const std::string token = "sk-lm-" + identifier + ":" + passkey;
    if (!has_token_form(token)) return std::string(kTokenMissing);
    if (auto refusal = refuse_token(script_, token)) return refusal;
  }
  const std::lock_guard lock(mutex_);
  const auto [known, added] = passkeys_.emplace(identifier, passkey);
  if (added || known->second == passkey) return std::nullopt;
  return "Client identifier \"" + identifier + "\" is in use by another client, with another passkey.";
}

void WebSocketClients::reset() {
  const std::lock_guard lock(mutex_);
  passkeys_.clear();
}

}  // namespace lmstudio_sim
