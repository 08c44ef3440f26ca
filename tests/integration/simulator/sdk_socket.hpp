// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/WebSocket.h>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

struct Unsigned {};
inline constexpr Unsigned kUnsigned;

/// A WebSocket to a simulator, one frame at a time. A frame that doesn't come within 20 seconds fails the
/// test.
class SdkSocket {
 public:
  /// Connects to "/llm", "/system"… as a guest; throws Poco's exception when the server refuses.
  SdkSocket(int port, const std::string& path) : SdkSocket(port, path, kUnsigned) {
    sign_in("guest:test", "secret");
  }
  /// Connects, and leaves it to the test to sign in.
  SdkSocket(int port, const std::string& path, Unsigned);

  /// Signs in, and returns the answer.
  Value sign_in(const std::string& identifier, const std::string& passkey);
  void send(const std::string& json);
  void send_frame(const std::string& payload, int flags);
  /// The next frame as it came, and its opcode; empty with opcode 8 when the connection ends.
  std::string receive_frame(int& opcode);
  /// The next message; throws when the connection ends instead.
  Value receive();
  /// True when the connection ends without another message.
  bool ends();

  /// The whole answer to a call; `parameter` is JSON text, empty for none.
  Value call(const std::string& endpoint, const std::string& parameter = {});
  void open(int channel, const std::string& endpoint, const std::string& parameter = {});
  void tell(int channel, const std::string& type);
  /// The frames of a channel up to its end, which is the last of them.
  std::vector<Value> run(int channel, const std::string& endpoint, const std::string& parameter);
  /// What is left of a channel.
  std::vector<Value> rest(int channel);

 private:
  Poco::Net::HTTPClientSession session_;
  Poco::Net::WebSocket socket_;
  int next_call_ = 0;
};

/// A load stack with these fields, `"key":value` pairs of JSON.
std::string load_stack(const std::string& fields = {});
/// The parameter of a load.
std::string load_of(const std::string& key, const std::string& more = {}, const std::string& fields = {});
/// The specifier of an instance by its identifier.
std::string by_name(const std::string& identifier);
/// The value of a key in a KV config.
const Value& field(const Value& config, std::string_view key);

}  // namespace tachikoma::testing
