// SPDX-License-Identifier: MIT
#include "integration/simulator/sdk_connection.hpp"

#include <stdexcept>

#include "base/json.hpp"

namespace tachikoma::testing {
namespace {

std::string text_of(const Value& parameter) {
  return parameter.is_null() ? std::string() : base::to_json(parameter);
}

}  // namespace

Value SdkConnection::call(const std::string& endpoint, const Value& parameter) {
  return socket_.call(endpoint, text_of(parameter));
}

Value SdkConnection::result(const std::string& endpoint, const Value& parameter) {
  const Value reply = call(endpoint, parameter);
  if (reply["type"].as_string() != "rpcResult") throw std::runtime_error(base::to_json(reply));
  return reply["result"];
}

void SdkConnection::open(const std::string& endpoint, const Value& parameter) {
  socket_.open(++channel_, endpoint, text_of(parameter));
}

Value SdkConnection::next() {
  const Value frame = socket_.receive();
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
