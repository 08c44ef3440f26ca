// SPDX-License-Identifier: MIT
// What LM Studio's WebSockets send, a message a line, to calls and channels that wait for it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/expect.hpp"
#include "lmstudio/sdk_calls.hpp"
#include "lmstudio/sdk_frames.hpp"

using namespace tachikoma;
using namespace tachikoma::lmstudio;
using namespace tachikoma::testing;

namespace {

// How often an exchange can be seen to have changed, and how it ended.
void check(const SdkExchange& exchange) {
  std::size_t bytes = 0;
  for (const SdkExchange::Message& message : exchange.messages) bytes += message.size;
  expect(bytes == exchange.waiting_bytes, "what waits is counted");
  expect(exchange.ended || !exchange.failure, "only what has ended has failed");
  expect(!exchange.failure || !exchange.failure->message.empty(), "a failure says what happened");
  if (exchange.kind == SdkExchange::Kind::rpc && exchange.ended)
    expect(exchange.failure.has_value() != (exchange.messages.size() == 1), "a call has a result or fails");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  using Kind = SdkExchange::Kind;
  const auto name = [](const char* endpoint) { return SdkCallName{"http://h:1", endpoint, "m"}; };
  std::array<SdkExchange, 4> exchanges{SdkExchange(Kind::rpc, 0, name("llm.listLoaded")),
                                       SdkExchange(Kind::rpc, 1, name("llm.getLoadConfig")),
                                       SdkExchange(Kind::channel, 0, name("llm.loadModel")),
                                       SdkExchange(Kind::channel, 1, name("llm.predict"))};
  SdkCalls calls;
  for (SdkExchange& each : exchanges) calls.add(each);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
    static_cast<void>(decode_auth_answer(line));
    if (Result<SdkFrame> frame = decode_frame(line)) calls.deliver(*std::move(frame));
  }
  calls.fail_all(Error(ErrorCode::unreachable, "the end"));
  expect(calls.empty(), "everything has ended");
  for (const SdkExchange& each : exchanges) {
    expect(each.ended, "everything knows that it has ended");
    check(each);
  }
  return 0;
}
