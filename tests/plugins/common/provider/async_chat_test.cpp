// SPDX-License-Identifier: MIT
// What is true of calls that nobody waits for alone; driver_test.cpp has what is true of all.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "lmstudio/provider.hpp"
#include "plugins/common/chat_client.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/loopback_server.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kEvents =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
const std::string kStreamedAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
                                    std::to_string(kEvents.size()) + "\r\n\r\n" + kEvents;

// Valid until the last call has ended.
const ChatRequest kRequest{.model = "m"};

// Does what the test says at the end of its call.
class EndSink final : public AsyncChatSink {
 public:
  using OnEnd = std::function<void(Result<ChatOutcome>)>;
  explicit EndSink(OnEnd on_end) : on_end_(std::move(on_end)) {}
  Flow on_event(const ChatEvent&) override {
    told_late_ = told_late_ || ends_ > 0;
    return Flow::proceed;
  }
  void on_end(Result<ChatOutcome> outcome) override {
    ++ends_;
    on_end_(std::move(outcome));
  }
  bool ended_once() const { return ends_ == 1 && !told_late_; }

 private:
  int ends_ = 0;
  bool told_late_ = false;
  OnEnd on_end_;
};

}  // namespace

TEST_CASE("the end of a call may start the next one", "[async]") {
  LoopbackServer server([](Peer& peer, int) {
    while (!peer.read_request().empty()) peer.send(kStreamedAnswer);
  });
  ChatClient client(Driver::async, server.url());
  const CallContext context{client.cancellation, "1"};
  std::promise<int> all;
  std::deque<EndSink> sinks;
  std::function<void(int)> start = [&](int number) {
    EndSink& sink = sinks.emplace_back([&, number](Result<ChatOutcome> outcome) {
      if (!outcome || number == 100) return all.set_value(outcome ? number : -1);
      start(number + 1);
    });
    if (!async_chat(client.provider()).start(kRequest, sink, context)) all.set_value(-1);
  };
  start(1);
  CHECK(all.get_future().get() == 100);
  client.destroy_provider();
}

TEST_CASE("every call that was started ends once, whatever happens to it", "[async]") {
  LoopbackServer server([](Peer& peer, int number) {
    if (number % 4 == 0) return peer.reset();
    peer.read_request();
    if (number % 4 == 1) return;
    peer.send(
        kStreamedAnswer.substr(0, number % 4 == 2 ? kStreamedAnswer.size() / 2 : kStreamedAnswer.size()));
  });
  constexpr int kCalls = 300;
  ChatClient client(Driver::async, server.url());
  std::deque<TestCancellation> cancellations(kCalls);
  std::deque<EndSink> sinks;
  std::atomic<int> ended = 0;
  std::promise<void> all;
  for (int i = 0; i < kCalls; ++i)
    sinks.emplace_back([&](Result<ChatOutcome>) {
      if (++ended == kCalls) all.set_value();
    });
  std::thread canceller([&] {
    for (std::size_t i = 0; i < kCalls; i += 3) cancellations[i].request();
  });
  for (std::size_t i = 0; i < kCalls; ++i)
    REQUIRE(async_chat(client.provider()).start(kRequest, sinks[i], {cancellations[i], "1"}));
  canceller.join();
  for (std::size_t i = 1; i < kCalls; i += 3) cancellations[i].request();
  all.get_future().wait();
  client.destroy_provider();
  CHECK(std::all_of(sinks.begin(), sinks.end(), [](const EndSink& sink) { return sink.ended_once(); }));
}

TEST_CASE("an answer that came with the end of its connection while its thread was busy is whole",
          "[async]") {
  const std::string whole = R"({"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]})";
  std::promise<void> sent;
  std::shared_future<void> both_sent = sent.get_future();
  LoopbackServer server([&](Peer& peer, int number) {
    peer.read_request();
    if (number == 0) both_sent.wait();
    // of the second, only the close says that it is over
    peer.send(number == 1 ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + whole
                          : kStreamedAnswer);
  });
  ChatClient client(Driver::async, server.url());
  AsyncChat& chat = async_chat(client.provider());
  std::promise<void> closed;
  std::promise<Result<ChatOutcome>> end;
  EndSink busy([&](Result<ChatOutcome>) { closed.get_future().wait(); });
  EndSink late([&](Result<ChatOutcome> outcome) { end.set_value(std::move(outcome)); });
  struct Sent final : PhaseListener {
    explicit Sent(std::promise<void>& to) : promise(to) {}
    void on_phase(Phase phase) override {
      if (phase == Phase::waiting) promise.set_value();
    }
    std::promise<void>& promise;
  } phases(sent);
  REQUIRE(chat.start(kRequest, busy, {client.cancellation, "1"}));
  REQUIRE(chat.start(kRequest, late, {client.cancellation, "2", &phases}));
  both_sent.wait();
  client.driver = Driver::blocking;
  CHECK(client.chat());  // the server takes its connection once it has closed that of the second
  closed.set_value();
  std::future<Result<ChatOutcome>> ended = end.get_future();
  REQUIRE(ended.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  CHECK(ended.get());
}

TEST_CASE("what can't be sent is refused at the start, and nothing ends later", "[async]") {
  ChatClient client(Driver::async, "http://127.0.0.1:" + std::to_string(refused_port()));
  EndSink sink([](Result<ChatOutcome>) {});
  const ChatRequest request{.model = "m", .settings = {.mirostat = 1}};
  const Status started = async_chat(client.provider()).start(request, sink, {client.cancellation, "1"});
  REQUIRE_FALSE(started);
  CHECK(started.error().code == ErrorCode::unsupported);
  client.destroy_provider();
  CHECK_FALSE(sink.ended_once());
}

TEST_CASE("a server over TLS is offered no calls that nobody waits for", "[async]") {
  TestHost host;
  const Value settings = Value::object({{"base_url", "https://localhost"}});
  const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host).value();
  CHECK(provider->capability(AsyncChat::kId) == nullptr);
  CHECK(provider->capability(ModelCatalog::kId) != nullptr);
}

TEST_CASE("what LM Studio has to be asked first is asked elsewhere, and the call goes on",
          "[async][lmstudio]") {
  const JsonServer server(
      {{"/api/v1/models",
        {R"({"models":[{"type":"llm","key":"m","loaded_instances":[],)"
         R"("capabilities":{"reasoning":{"allowed_options":["off","low"],"default":"low"}}}]})"}},
       {"/v1/chat/completions", {R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"}}});
  TestHost host;
  const auto provider = lmstudio::LmStudio::make(Value::object({{"base_url", server.url()}}), host).value();
  TestCancellation cancellation;
  RecordingSink sink;
  ChatRequest request{.model = "m", .messages = {{Role::user, "Hi"}}};
  request.settings.reasoning_effort = ReasoningEffort::low;
  REQUIRE(chat(*provider, Driver::async, request, sink, {cancellation, "1"}));
  CHECK(sink.text == "Hi");
  CHECK(server.paths() ==
        std::vector<std::string>{"/lmstudio-greeting", "/api/v1/models", "/v1/chat/completions"});
  request.settings.mirostat = 1;
  CHECK(chat(*provider, Driver::async, request, sink, {cancellation, "1"}).error().code ==
        ErrorCode::unsupported);
}
