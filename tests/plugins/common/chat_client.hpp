// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "common/provider/openai_provider.hpp"
#include "support/async_chat.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

namespace tachikoma::testing {

/// A provider of the kit, and one caller.
class ChatClient {
 public:
  ChatClient(Driver driver, const std::string& url, Value settings = Value::object(),
             TestHost::Names::LookUp look_up = TestHost::Names::look_up_by_system);

  Result<ChatOutcome> chat(const std::string& prompt = "Hello");
  Provider& provider() { return *provider_; }
  void destroy_provider() { provider_.reset(); }

  TestHost host;
  TestCancellation cancellation;
  TestPhases phases;
  RecordingSink sink;
  Driver driver;

 private:
  std::unique_ptr<Provider> provider_;
};

}  // namespace tachikoma::testing
