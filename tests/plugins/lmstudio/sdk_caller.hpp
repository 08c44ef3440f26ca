// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "common/provider/server_settings.hpp"
#include "lmstudio/sdk_client.hpp"
#include "support/test_host.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// An SdkClient and one caller of it.
class SdkCaller {
 public:
  using Namespace = lmstudio::Namespace;

  /// `settings` beside `base_url`, as in the configuration.
  explicit SdkCaller(const std::string& url, Value settings = Value::object(),
                     lmstudio::SdkTimeouts timeouts = {},
                     TestHost::Names::LookUp look_up = TestHost::Names::look_up_by_system)
      : host(std::move(look_up)),
        client(kit::parse_server_url(url).value(), kit::ServerSettings::read(settings).value().access, host,
               timeouts) {}
  explicit SdkCaller(std::uint16_t port, lmstudio::SdkTimeouts timeouts = {})
      : SdkCaller("http://127.0.0.1:" + std::to_string(port), Value::object(), timeouts) {}

  Result<Value> call(const std::string& endpoint, const Value& parameter = {}) {
    return client.call(Namespace::llm, endpoint, parameter, {cancellation, {}, &phases});
  }
  std::future<Result<Value>> call_later(const std::string& endpoint, const Value& parameter = {}) {
    return std::async(std::launch::async,
                      [=, this] { return client.call(Namespace::llm, endpoint, parameter, {cancellation}); });
  }
  /// Writes the messages of a channel down.
  Status follow(const std::string& endpoint, const Value& parameter = {}) {
    const auto on_message = [this](const Value& message) {
      messages.push_back(message);
      if (first) std::exchange(first, nullptr)->set_value();
      return flow;
    };
    return client.channel(Namespace::llm, endpoint, parameter, on_message, {cancellation, {}, &phases},
                          Value::object({{"type", "cancel"}}));
  }

  TestHost host;
  lmstudio::SdkClient client;
  TestCancellation cancellation;
  TestPhases phases;
  std::vector<Value> messages;
  Flow flow = Flow::proceed;            ///< what the channel's messages are answered with
  std::promise<void>* first = nullptr;  ///< set at the next message of a channel
};

}  // namespace tachikoma::testing
