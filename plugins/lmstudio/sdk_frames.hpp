// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

// Encodes and decodes the messages of LM Studio's WebSockets: one JSON object per message. No sockets.
namespace tachikoma::lmstudio {

/// A client's identity: one pair for all of its sockets.
struct SdkIdentity {
  std::string identifier;
  std::string passkey;
};

/// True for `sk-lm-XXXXXXXX:YYYYYYYYYYYYYYYYYYYY`.
bool is_api_token(std::string_view api_key);
/// The identity in an API token; for everything else, a guest with a random name.
SdkIdentity make_identity(std::string_view api_key);

std::string encode_auth(const SdkIdentity& identity);
/// A null `parameter` is left out.
std::string encode_rpc_call(std::int64_t id, std::string_view endpoint, const Value& parameter);
std::string encode_channel_create(std::int64_t id, std::string_view endpoint, const Value& parameter);
std::string encode_channel_send(std::int64_t id, const Value& message);
std::string encode_channel_ack(std::int64_t id, std::int64_t ack);

/// The server's answer to `encode_auth`.
struct SdkAuthAnswer {
  bool accepted = false;
  std::string refusal;  ///< why not, in the server's words
};
/// Fails with `protocol`.
Result<SdkAuthAnswer> decode_auth_answer(std::string_view text);

/// One message of the server.
struct SdkFrame {
  enum class Kind : std::uint8_t {
    other,  ///< ignored: a kind that later servers may send
    rpc_result,
    rpc_error,
    channel_message,
    channel_close,
    channel_error,
    warning,
  };
  Kind kind = Kind::other;
  std::int64_t id = -1;                     ///< of the call or channel
  Value content = {};                       ///< the result, the message, or the error object
  std::optional<std::int64_t> ack_id = {};  ///< the server expects an acknowledgement
  std::string warning = {};
  std::string warning_kind = {};  ///< "rpcEndpointUnknown", …; empty from older servers
  std::size_t size = 0;           ///< of the text
};
/// Fails with `protocol`.
Result<SdkFrame> decode_frame(std::string_view text);

}  // namespace tachikoma::lmstudio
