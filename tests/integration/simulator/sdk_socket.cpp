// SPDX-License-Identifier: MIT
#include "integration/simulator/sdk_socket.hpp"

#include <stdexcept>

#include <Poco/Buffer.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>

#include "base/json.hpp"

namespace tachikoma::testing {
namespace {

using Poco::Net::WebSocket;

WebSocket connect(Poco::Net::HTTPClientSession& session, const std::string& path) {
  Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, path, Poco::Net::HTTPRequest::HTTP_1_1);
  Poco::Net::HTTPResponse response;
  return WebSocket(session, request, response);
}

}  // namespace

SdkSocket::SdkSocket(int port, const std::string& path, Unsigned)
    : session_("127.0.0.1", static_cast<Poco::UInt16>(port)), socket_(connect(session_, path)) {
  socket_.setReceiveTimeout(Poco::Timespan(20, 0));
}

Value SdkSocket::sign_in(const std::string& identifier, const std::string& passkey) {
  send(base::to_json(
      Value::object({{"authVersion", 1}, {"clientIdentifier", identifier}, {"clientPasskey", passkey}})));
  return receive();
}

void SdkSocket::send(const std::string& json) { send_frame(json, WebSocket::FRAME_TEXT); }

void SdkSocket::send_frame(const std::string& payload, int flags) {
  socket_.sendFrame(payload.data(), static_cast<int>(payload.size()), flags);
}

std::string SdkSocket::receive_frame(int& opcode) {
  Poco::Buffer<char> frame(0);
  int flags = 0;
  try {
    socket_.receiveFrame(frame, flags);
  } catch (const Poco::TimeoutException&) {
    throw std::runtime_error("nothing came within the test's limit");
  } catch (const Poco::Exception&) {
    flags = 0;  // the connection was reset
  }
  opcode = flags == 0 ? int{WebSocket::FRAME_OP_CLOSE} : flags & int{WebSocket::FRAME_OP_BITMASK};
  return {frame.begin(), frame.size()};
}

Value SdkSocket::receive() {
  int opcode = 0;
  const std::string text = receive_frame(opcode);
  if (opcode != WebSocket::FRAME_OP_TEXT) throw std::runtime_error("the connection ended");
  return base::parse_json(text).value();
}

bool SdkSocket::ends() {
  int opcode = 0;
  receive_frame(opcode);
  return opcode == WebSocket::FRAME_OP_CLOSE;
}

Value SdkSocket::call(const std::string& endpoint, const std::string& parameter) {
  const int id = next_call_++;
  send(R"({"type":"rpcCall","endpoint":")" + endpoint + R"(","callId":)" + std::to_string(id) +
       (parameter.empty() ? "" : R"(,"parameter":)" + parameter) + "}");
  for (;;) {
    Value frame = receive();
    if (frame["callId"].as_integer(-1) == id) return frame;
  }
}

void SdkSocket::open(int channel, const std::string& endpoint, const std::string& parameter) {
  send(R"({"type":"channelCreate","endpoint":")" + endpoint + R"(","channelId":)" + std::to_string(channel) +
       (parameter.empty() ? "" : R"(,"creationParameter":)" + parameter) + "}");
}

void SdkSocket::tell(int channel, const std::string& type) {
  send(R"({"type":"channelSend","channelId":)" + std::to_string(channel) + R"(,"message":{"type":")" + type +
       R"("}})");
}

std::vector<Value> SdkSocket::run(int channel, const std::string& endpoint, const std::string& parameter) {
  open(channel, endpoint, parameter);
  return rest(channel);
}

std::vector<Value> SdkSocket::rest(int channel) {
  std::vector<Value> frames;
  do {
    Value frame = receive();
    if (frame["channelId"].as_integer(-1) == channel) frames.push_back(std::move(frame));
  } while (frames.empty() || frames.back()["type"].as_string() == "channelSend");
  return frames;
}

std::string load_stack(const std::string& fields) {
  const Value object = base::parse_json("{" + fields + "}").value();
  std::string list;
  for (const auto& [key, value] : object.members())
    list += (list.empty() ? "" : ",") + std::string(R"({"key":")") + key + R"(","value":)" +
            base::to_json(value) + "}";
  return R"({"layers":[{"layerName":"apiOverride","config":{"fields":[)" + list + "]}}]}";
}

std::string load_of(const std::string& key, const std::string& more, const std::string& fields) {
  return R"({"modelKey":")" + key + "\"" + more + R"(,"loadConfigStack":)" + load_stack(fields) + "}";
}

std::string by_name(const std::string& identifier) {
  return R"({"type":"query","query":{"identifier":")" + identifier + "\"}}";
}

const Value& field(const Value& config, std::string_view key) {
  static const Value none;
  for (const Value& each : config["fields"].elements())
    if (each["key"].as_string() == key) return each["value"];
  return none;
}

}  // namespace tachikoma::testing
