// SPDX-License-Identifier: MIT
#include "integration/simulator/sdk_connection.hpp"

#include <stdexcept>

#include <Poco/Buffer.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>

#include "base/json.hpp"

namespace tachikoma::testing {

using Poco::Net::WebSocket;

namespace {

constexpr long kTimeoutSeconds = 20;

WebSocket upgrade(Poco::Net::HTTPClientSession& session, const std::string& space) {
  Poco::Net::HTTPRequest request("GET", "/" + space, Poco::Net::HTTPRequest::HTTP_1_1);
  Poco::Net::HTTPResponse response;
  WebSocket socket(session, request, response);
  socket.setReceiveTimeout(Poco::Timespan(kTimeoutSeconds, 0));
  return socket;
}

}  // namespace

SdkConnection::SdkConnection(int port, const std::string& space)
    : session_("127.0.0.1", static_cast<Poco::UInt16>(port)), socket_(upgrade(session_, space)) {
  write(Value::object(
      {{"authVersion", 1}, {"clientIdentifier", "guest:test-" + space}, {"clientPasskey", "passkey"}}));
  const Value reply = read();
  if (!reply["success"].as_bool()) throw std::runtime_error(base::to_json(reply));
}

void SdkConnection::write(const Value& frame) {
  const std::string text = base::to_json(frame);
  socket_.sendFrame(text.data(), static_cast<int>(text.size()));
}

Value SdkConnection::read() {
  Poco::Buffer<char> frame(0);
  int flags = 0;
  if (socket_.receiveFrame(frame, flags) <= 0) throw std::runtime_error("the socket has ended");
  return base::parse_json({frame.begin(), frame.size()}).value();
}

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
