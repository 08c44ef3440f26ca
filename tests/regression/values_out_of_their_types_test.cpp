// SPDX-License-Identifier: MIT
// `Channel(99)` from a plugin was written behind the end of an array. Every enumeration that a plugin hands
// over may have any number in it, and every figure may be negative or none at all.
#include <cmath>
#include <limits>
#include <string>

#include "async/cancellation.hpp"
#include "plugins/component_host.hpp"
#include "plugins/guard.hpp"
#include "plugins/guarded_capabilities.hpp"
#include "support/catch.hpp"
#include "support/fake_model_server.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct UnsoundModule : plugins::Module {
  UnsoundModule() : Module("odd") {}
};

const plugins::Callee& odd_one() {
  static const plugins::Callee who{"provider", "local", std::make_shared<UnsoundModule>()};
  return who;
}

// What the guard makes of this return value.
template <class T>
std::string judgement(T value) {
  const Result<T> judged = plugins::judged(odd_one(), "ask", Result<T>(std::move(value)));
  if (judged) return "accepted";
  CHECK(judged.error().code == ErrorCode::plugin_fault);
  std::string message = judged.error().message;
  message.resize(std::min(message.find(" ("), message.size()));  // how many times
  const std::string lead = "provider 'local': plugin fault: ask() returned ";
  REQUIRE(message.starts_with(lead));
  return message.substr(lead.size());
}

Result<Reply> answer_with(ChatEvent event, bool async = false) {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = [event](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "Hello"});
    sink.on_event(event);
    return ChatOutcome{.finish = Finish::stop};
  };
  fake->offers_async = async;
  std::vector<calls::ProviderSetup> setups;
  setups.push_back(setup("fake", fake));
  setups.front().plugin = "odd";
  const auto parts = make_parts(std::move(setups));
  return parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, {});
}

}  // namespace

TEST_CASE("an event with an unknown kind or channel is a fault of its plugin", "[generate]") {
  const auto fault_of = [](const ChatEvent& event) {
    const Result<Reply> reply = answer_with(event);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == ErrorCode::plugin_fault);
    return reply.error().message;
  };
  CHECK(fault_of({.channel = Channel(99), .text = "x"}) ==
        "provider 'fake': plugin fault: chat() sent the channel 99");
  CHECK(fault_of({.channel = Channel(4), .text = "x"}) ==
        "provider 'fake': plugin fault: chat() sent the channel 4");
  CHECK(fault_of({.kind = ChatEvent::Kind::rechannel, .channel = Channel(255)}) ==
        "provider 'fake': plugin fault: chat() sent the channel 255");
  CHECK(fault_of({.kind = ChatEvent::Kind(5), .text = "x"}) ==
        "provider 'fake': plugin fault: chat() sent the kind of event 5");
}

TEST_CASE("progress is within 0 and 1, whatever a plugin calls it", "[generate]") {
  for (const double fraction :
       {-1.0, 7.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const auto fake = std::make_shared<FakeProvider>();
    fake->models = {{.key = "m"}};
    fake->on_chat = [&](const ChatRequest&, ChatSink& sink, const CallContext&) {
      sink.on_event({.kind = ChatEvent::Kind::progress, .fraction = fraction, .text = "prompt"});
      return ChatOutcome{.finish = Finish::stop};
    };
    std::vector<calls::ProviderSetup> setups;
    setups.push_back(setup("fake", fake));
    const auto parts = make_parts(std::move(setups));
    parts->generator
        .generate({{.model = "m", .messages = {user("hi")}}},
                  [&](const Delta& delta) {
                    if (delta.kind == Delta::Kind::progress)
                      CHECK((delta.fraction >= 0 && delta.fraction <= 1));
                    return Flow::proceed;
                  })
        .value();
  }
}

TEST_CASE("a return value outside of its type's meaning is a fault of its plugin", "[plugins]") {
  const Sourced<std::int64_t> lost{-1, Source::reported, "it"};
  CHECK(judgement(ChatOutcome{.finish = Finish(99)}) == "the finish 99");
  CHECK(judgement(ChatOutcome{.usage = {.prompt_tokens = -5}}) == "the number of prompt tokens -5");
  CHECK(judgement(ChatOutcome{.usage = {.completion_tokens = -5}}) == "the number of completion tokens -5");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .kind = ModelKind(9)}}) == "the kind of model 9");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .state = ModelState(9)}}) == "the state of model 9");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .size_bytes = lost}}) == "the size -1");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .max_context_length = {1, Source(77), "it"}}}) ==
        "the source of maximum context length 77");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .instances = {{.id = "m", .context_length = lost}}}}) ==
        "the context length -1");
  CHECK(judgement(std::vector<ModelStatus>{{.activity = {Activity(8), Source::reported, "it"}}}) ==
        "the activity 8");
  CHECK(judgement(std::vector<ModelStatus>{{.tokens_per_second = {std::nan(""), Source::measured, "it"}}}) ==
        "the speed nan");
  CHECK(judgement(LoadedModel{.applied = {.flash_attention = FlashAttention(7)}}) == "the flash_attention 7");
  CHECK(judgement(LoadedModel{.applied = {.gpu_split_mode = SplitMode(7)}}) == "the gpu_split_mode 7");
  CHECK(judgement(LoadedModel{.applied = {.gpu_layers = GpuLayers{GpuLayers::Kind(7), 1, 1}}}) ==
        "the kind of gpu_layers 7");
  CHECK(judgement(MemoryEstimate{.total_bytes = lost}) == "the memory -1");
  CHECK(judgement(Hardware{.gpus = {{.name = "g", .memory_bytes = lost}}}) == "the memory of a GPU -1");
  CHECK(judgement(std::vector<Finding>{{.severity = Severity(9)}}) == "the severity 9");
  CHECK(judgement(std::vector<Finding>{{.code = ErrorCode(200)}}) == "the error code 200");
  CHECK(judgement(std::vector<Finding>{{.scope = FindingScope(3)}}) == "the scope 3");
  CHECK(judgement(Health{.loaded_models = -2}) == "the number of loaded models -2");
  CHECK(judgement(std::int64_t{-7}) == "the number of tokens -7");
  CHECK(judgement(Downloaded{.size_bytes = lost}) == "the size -1");
  CHECK(judgement(ChatOutcome{.finish = Finish::unknown}) == "accepted");
  CHECK(judgement(std::vector<ModelInfo>{{.key = "m", .size_bytes = {-1, Source::unknown, "why"}}}) ==
        "accepted");
}

TEST_CASE("an error with an unknown code is a fault of its plugin", "[plugins]") {
  const auto judged = plugins::judged(odd_one(), "ask", Status(Error(ErrorCode(99), "odd")));
  REQUIRE_FALSE(judged);
  CHECK(judged.error().code == ErrorCode::plugin_fault);
  CHECK(
      judged.error().message.starts_with("provider 'local': plugin fault: ask() returned the error code 99"));
}

TEST_CASE("the end of an asynchronous call is judged as well", "[plugins]") {
  struct Ended final : AsyncChatSink {
    Flow on_event(const ChatEvent&) override { return Flow::proceed; }
    void on_end(Result<ChatOutcome> outcome) override {
      if (!outcome) message = outcome.error().message;
    }
    std::string message;
  };
  struct Odd final : AsyncChat {
    Status start(const ChatRequest&, AsyncChatSink& sink, const CallContext&) override {
      sink.on_end(ChatOutcome{.finish = Finish(42)});
      return Done{};
    }
  } odd;
  Ended ended;
  CallCancellation cancellation;
  plugins::GuardedAsyncChat guarded(odd_one(), odd);
  CHECK(guarded.start({}, ended, {cancellation, "r"}));
  CHECK(ended.message.starts_with("provider 'local': plugin fault: chat() returned the finish 42"));
}

TEST_CASE("a log line of an unknown severity counts as an error", "[plugins]") {
  Severity seen = Severity::debug;
  plugins::ComponentHost host(
      "local", {[&](Severity severity, std::string_view, std::string_view) { seen = severity; }, nullptr},
      {});
  host.log(Severity(77), "odd");
  CHECK(seen == Severity::error);
}
