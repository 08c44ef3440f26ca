// SPDX-License-Identifier: MIT
#include "protocol/chat_client.hpp"

#include <ostream>
#include <utility>

namespace tachikoma::testing {

std::ostream& operator<<(std::ostream& out, Driver tested) {
  return out << (tested == Driver::blocking ? "blocking" : "async");
}

void AwaitedSink::on_end(Result<ChatOutcome> outcome) {
  const auto promise = promise_;  // whoever waits may destroy this as soon as the value is set
  promise->set_value(std::move(outcome));
}

Result<ChatOutcome> chat(Provider& provider, Driver driver, const ChatRequest& request, ChatSink& sink,
                         const CallContext& context) {
  if (driver == Driver::blocking) return provider.chat(request, sink, context);
  AwaitedSink awaited(sink);
  auto* calls = static_cast<AsyncChat*>(provider.capability(AsyncChat::kId));
  if (Status started = calls->start(request, awaited, context); !started) return std::move(started).error();
  return awaited.wait();
}

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
