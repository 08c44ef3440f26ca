// SPDX-License-Identifier: MIT
#include "integration/simulator/sdk_connection.hpp"

#include <stdexcept>

#include "base/json.hpp"

namespace tachikoma::testing {

SdkConnection::SdkConnection(int port, const std::string& space) : socket_(port, "/" + space) {}

void SdkConnection::write(const Value& frame) { socket_.send(base::to_json(frame)); }

Value SdkConnection::read() { return socket_.receive(); }

Value SdkConnection::call(const std::string& endpoint, const Value& parameter) {
  Value frame = Value::object({{"type", "rpcCall"}, {"endpoint", endpoint}, {"callId", next_id_++}});
  if (!parameter.is_null()) frame.set("parameter", parameter);
  write(frame);
  return read();
}

Value SdkConnection::result(const std::string& endpoint, const Value& parameter) {
  const Value reply = call(endpoint, parameter);
  if (reply["type"].as_string() != "rpcResult") throw std::runtime_error(base::to_json(reply));
  return reply["result"];
}

std::int64_t SdkConnection::open(const std::string& endpoint, const Value& parameter) {
  Value frame = Value::object({{"type", "channelCreate"}, {"endpoint", endpoint}, {"channelId", next_id_}});
  if (!parameter.is_null()) frame.set("creationParameter", parameter);
  write(frame);
  return next_id_++;
}

void SdkConnection::send(std::int64_t channel, const Value& message) {
  write(Value::object({{"type", "channelSend"}, {"channelId", channel}, {"message", message}}));
}

Value SdkConnection::next() {
  Value frame = read();
  return frame["type"].as_string() == "channelSend" ? frame["message"] : frame;
}

std::vector<Value> SdkConnection::rest(const std::function<void(const Value&)>& each) {
  std::vector<Value> messages;
  for (;;) {
    const Value& message = messages.emplace_back(next());
    if (each) each(message);
    const std::string_view type = message["type"].as_string();
    if (type == "channelClose" || type == "channelError" || type == "communicationWarning") return messages;
  }
}

}  // namespace tachikoma::testing
