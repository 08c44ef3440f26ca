// SPDX-License-Identifier: MIT
#include "plugins/common/chat_client.hpp"

#include <utility>

namespace tachikoma::testing {

ChatClient::ChatClient(Driver tested, const std::string& url, Value settings, TestHost::Names::LookUp look_up)
    : host(std::move(look_up)), driver(tested) {
  settings.set("base_url", url);
  provider_ = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host).value();
}

Result<ChatOutcome> ChatClient::chat(const std::string& prompt) {
  phases.seen.clear();
  const ChatRequest request{.model = "m", .messages = {{Role::user, prompt}}};
  return testing::chat(*provider_, driver, request, sink, {cancellation, "1", &phases});
}

}  // namespace tachikoma::testing
