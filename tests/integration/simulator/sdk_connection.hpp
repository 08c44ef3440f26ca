// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "integration/simulator/sdk_socket.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// A client of one of the simulator's WebSockets that calls endpoints, numbers them itself and returns what
/// they answer.
class SdkConnection {
 public:
  /// Connects and authenticates as a guest. `space`: "llm", "embedding", "system"…
  SdkConnection(int port, const std::string& space);

  /// Calls an endpoint and returns the frame that answers. Reads nothing of open channels: use another
  /// connection for calls meanwhile.
  Value call(const std::string& endpoint, const Value& parameter = {});
  /// The result of a call that must succeed.
  Value result(const std::string& endpoint, const Value& parameter = {});

  /// Opens a channel; its number.
  std::int64_t open(const std::string& endpoint, const Value& parameter = {});
  void send(std::int64_t channel, const Value& message);
  /// The next message of the open channel; the whole frame where it is its end or a warning.
  Value next();
  /// All messages to its end, which is the last of them as a whole frame. `each` sees every one as it comes.
  std::vector<Value> rest(const std::function<void(const Value&)>& each = {});

 private:
  void write(const Value& frame);
  Value read();

  SdkSocket socket_;
  std::int64_t next_id_ = 0;
};

}  // namespace tachikoma::testing
