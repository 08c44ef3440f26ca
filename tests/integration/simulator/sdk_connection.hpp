// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "integration/simulator/sdk_client.hpp"

namespace tachikoma::testing {

/// A client that takes values, and gives what stands in the frames. One channel is open at a time.
class SdkConnection {
 public:
  /// Connects as a guest. `space`: "llm", "embedding", "system"…
  SdkConnection(int port, const std::string& space) : socket_(port, "/" + space) {}

  /// Calls an endpoint and returns the frame that answers; not while a channel is open.
  Value call(const std::string& endpoint, const Value& parameter = {});
  /// The result of a call; throws when it has none.
  Value result(const std::string& endpoint, const Value& parameter = {});

  void open(const std::string& endpoint, const Value& parameter = {});
  /// Sends "cancel" or "stop" on the channel.
  void tell(const std::string& type) { socket_.tell(channel_, type); }
  /// The next message of the channel; the whole frame where it is the channel's end or a warning.
  Value next();
  /// All messages to the end, which is the last of them. `each` sees every one as it comes.
  std::vector<Value> rest(const std::function<void(const Value&)>& each = {});

 private:
  SdkSocket socket_;
  int channel_ = 0;
};

}  // namespace tachikoma::testing
