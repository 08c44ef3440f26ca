// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_frames.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "base/base64.hpp"
#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/try.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kTokenStart = "sk-lm-";
constexpr std::size_t kTokenName = 8;
constexpr std::size_t kTokenSecret = 20;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string random_text() {
  std::random_device device;
  std::string bytes;
  std::generate_n(std::back_inserter(bytes), 18, [&] { return static_cast<char>(device()); });
  std::string text;
  base::append_base64(text, bytes);
  return text;
}

std::string envelope(std::string_view type, std::string_view endpoint, std::string_view id_key,
                     std::int64_t id, std::string_view parameter_key, const Value& parameter) {
  Value frame = Value::object({{"type", type}, {"endpoint", endpoint}});
  frame.set(id_key, id);
  if (!parameter.is_null()) frame.set(parameter_key, parameter);
  return base::to_json(frame);
}

Error no_frame(std::string_view text, std::string_view why) {
  return Error(ErrorCode::protocol, "it sends " + std::string(why) + ": \"" + base::excerpt(text) + '"');
}

Result<Value> parse_object(std::string_view text) {
  Result<Value> parsed = base::parse_json(text);
  if (!parsed) return no_frame(text, "something that is not JSON");
  if (!parsed->is_object()) return no_frame(text, "JSON that is not an object");
  return parsed;
}

Value take(Value& frame, std::string_view key) {
  Value* found = frame.find(key);
  return found ? std::move(*found) : Value();
}

struct FrameType {
  std::string_view name;
  SdkFrame::Kind kind;
  std::string_view id_key;
  std::string_view content_key;
};
constexpr FrameType kFrameTypes[] = {
    {"rpcResult", SdkFrame::Kind::rpc_result, "callId", "result"},
    {"rpcError", SdkFrame::Kind::rpc_error, "callId", "error"},
    {"channelSend", SdkFrame::Kind::channel_message, "channelId", "message"},
    {"channelClose", SdkFrame::Kind::channel_close, "channelId", ""},
    {"channelError", SdkFrame::Kind::channel_error, "channelId", "error"},
};

}  // namespace

bool is_api_token(std::string_view api_key) {
  if (!api_key.starts_with(kTokenStart)) return false;
  api_key.remove_prefix(kTokenStart.size());
  if (api_key.size() != kTokenName + 1 + kTokenSecret || api_key[kTokenName] != ':') return false;
  const std::string_view name = api_key.substr(0, kTokenName);
  const std::string_view secret = api_key.substr(kTokenName + 1);
  return std::all_of(name.begin(), name.end(), is_alphanumeric) &&
         std::all_of(secret.begin(), secret.end(), is_alphanumeric);
}

SdkIdentity make_identity(std::string_view api_key) {
  if (!is_api_token(api_key)) return {"guest:" + random_text(), random_text()};
  api_key.remove_prefix(kTokenStart.size());
  return {std::string(api_key.substr(0, kTokenName)), std::string(api_key.substr(kTokenName + 1))};
}

std::string encode_auth(const SdkIdentity& identity) {
  return base::to_json(Value::object(
      {{"authVersion", 1}, {"clientIdentifier", identity.identifier}, {"clientPasskey", identity.passkey}}));
}

std::string encode_rpc_call(std::int64_t id, std::string_view endpoint, const Value& parameter) {
  return envelope("rpcCall", endpoint, "callId", id, "parameter", parameter);
}

std::string encode_channel_create(std::int64_t id, std::string_view endpoint, const Value& parameter) {
  return envelope("channelCreate", endpoint, "channelId", id, "creationParameter", parameter);
}

std::string encode_channel_send(std::int64_t id, const Value& message) {
  return base::to_json(Value::object({{"type", "channelSend"}, {"channelId", id}, {"message", message}}));
}

std::string encode_channel_ack(std::int64_t id, std::int64_t ack) {
  return base::to_json(Value::object({{"type", "channelAck"}, {"channelId", id}, {"ackId", ack}}));
}

Result<SdkAuthAnswer> decode_auth_answer(std::string_view text) {
  TACHIKOMA_TRY(const Value answer, parse_object(text));
  const Value& success = answer["success"];
  if (!success.is_bool()) return no_frame(text, "something that is not an answer to an authentication");
  return SdkAuthAnswer{success.as_bool(), std::string(answer["error"].as_string())};
}

Result<SdkFrame> decode_frame(std::string_view text) {
  TACHIKOMA_TRY(Value parsed, parse_object(text));
  const std::string_view type = parsed["type"].as_string();
  if (type.empty()) return no_frame(text, "a message without a type");
  SdkFrame frame;
  frame.size = text.size();
  if (type == "communicationWarning") {
    frame.kind = SdkFrame::Kind::warning;
    frame.warning = parsed["warning"].as_string();
    frame.warning_kind = parsed["kind"].as_string();
    return frame;
  }
  const auto known = std::find_if(std::begin(kFrameTypes), std::end(kFrameTypes),
                                  [&](const FrameType& each) { return each.name == type; });
  if (known == std::end(kFrameTypes)) return frame;
  const Value& id = parsed[known->id_key];
  if (!id.is_integer())
    return no_frame(text, "a '" + std::string(type) + "' without its '" + std::string(known->id_key) + "'");
  frame.kind = known->kind;
  frame.id = id.as_integer();
  if (const Value& ack = parsed["ackId"]; ack.is_integer()) frame.ack_id = ack.as_integer();
  frame.content = take(parsed, known->content_key);
  return frame;
}

}  // namespace tachikoma::lmstudio
