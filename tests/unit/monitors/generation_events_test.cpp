// SPDX-License-Identifier: MIT
// What monitors are told of a generation, by what happens in it.
#include <atomic>
#include <future>
#include <stdexcept>

#include "generate/generator.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Keeps the last event of each generation.
class LastEvents final : public Monitor {
 public:
  explicit LastEvents(bool wants_content = false) : wants_content_(wants_content) {}
  void on_event(const MonitorEvent& event) override {
    if (event.kind == MonitorEvent::Kind::finished || event.kind == MonitorEvent::Kind::failed)
      seen.push_back(event);
  }
  bool wants_content() const override { return wants_content_; }

  std::vector<MonitorEvent> seen;  // read it once the hub was flushed

 private:
  const bool wants_content_;
};

/// A runtime's inside around one fake, with a monitor.
struct EventsWorld {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::shared_ptr<LastEvents> events;
  TestParts parts;
  TextRequest request{.model = "m", .messages = {user("hi")}};

  explicit EventsWorld(FakeProvider::Chat chat, Timeouts timeouts = {}, CallLimits limits = {},
                       bool wants_content = false)
      : events(std::make_shared<LastEvents>(wants_content)) {
    fake->offers_list = false;
    fake->on_chat = std::move(chat);
    calls::ProviderSetup one = setup("fake", fake, timeouts);
    one.components.front().address = "http://one";
    one.policy.retry = {.attempts = 3, .backoff = 0ms};
    one.limits = limits;
    parts = make_parts({std::move(one)});
    parts->monitors.add("m", events);
  }

  Result<Reply> generate() { return parts->generator.generate({request}, {}); }
  const MonitorEvent& last() {
    parts->monitors.flush();
    REQUIRE_FALSE(events->seen.empty());
    return events->seen.back();
  }
};

Result<ChatOutcome> say(ChatSink& sink, std::string_view text) {
  sink.on_event({.text = text});
  return ChatOutcome{.finish = Finish::stop,
                     .usage = {.prompt_tokens = 10, .completion_tokens = 5},
                     .served_model = "m:2",
                     .extra = Value::object({{"timings", 1}}),
                     .tokens_per_second = {50, Source::reported, "fake"},
                     .prompt_tokens_per_second = {500, Source::reported, "fake"}};
}

std::string described(const std::vector<ToolUse>& uses) {
  std::string text;
  for (const ToolUse& each : uses)
    text += each.name + (each.failed ? " failed" : "") + (each.time > 0ns ? " ran, " : " did not run, ");
  return text;
}

std::string described(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& each : messages) text += std::string(to_string(each.role)) + "(" + each.text + ") ";
  return text;
}

}  // namespace

TEST_CASE("the end of a generation has the steps, the tool runs, and what the reply has", "[monitor]") {
  std::atomic<int> steps = 0;
  EventsWorld world([&](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    if (++steps == 2) return say(sink, "42");
    const auto call = [&](std::uint32_t index, std::string_view name) {
      sink.on_event(
          {.kind = ChatEvent::Kind::tool_call, .index = index, .text = R"({"n":21})", .name = name});
    };
    call(0, "double_it");
    call(1, "halve_it");
    call(2, "breaks");
    return ChatOutcome{.finish = Finish::tool_calls, .usage = {.prompt_tokens = 10, .completion_tokens = 5}};
  });
  world.request.tools.add("double_it", "Doubles", {param("n")}, [](int n) { return 2 * n; });
  world.request.tools.add("breaks", "Breaks", {param("n")},
                          [](int) -> int { throw std::runtime_error("broken"); });
  const Reply reply = world.generate().value();
  const MonitorEvent& event = world.last();
  CHECK(event.kind == MonitorEvent::Kind::finished);
  CHECK(event.steps == 2);
  CHECK(described(event.tool_uses) == "double_it ran, halve_it failed did not run, breaks failed ran, ");
  CHECK(event.server == "http://one");
  CHECK(event.served_model == "m:2");
  CHECK(event.usage == reply.usage);
  CHECK(event.usage.prompt_tokens == 20);
  CHECK(event.extra == reply.extra);
  CHECK(event.extra["timings"].as_integer() == 1);
  CHECK(event.time_to_first_token == reply.metrics.time_to_first_token);
  CHECK(event.decode_time == reply.metrics.decode_time.value);
  CHECK(event.tokens_per_second == reply.metrics.tokens_per_second);
  CHECK(event.prompt_tokens_per_second == reply.metrics.prompt_tokens_per_second);
  CHECK(event.prompt_tokens_per_second.value == 500);
  CHECK(event.retries == 0);
  CHECK(event.queue_time == 0ns);
  CHECK(event.load_time == 0ns);
  CHECK_FALSE(event.cached);
}

TEST_CASE("what was repeated is counted, also where it was in vain", "[monitor]") {
  std::atomic<std::size_t> left = 2;
  EventsWorld world([&](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    if (left-- > 0) return Error(ErrorCode::model_lost, "gone");
    return say(sink, "fine");
  });
  REQUIRE(world.generate());
  CHECK(world.last().retries == 2);
  CHECK(world.last().steps == 1);
  left = 3;
  REQUIRE_FALSE(world.generate());
  const MonitorEvent& event = world.last();
  CHECK(event.kind == MonitorEvent::Kind::failed);
  CHECK(event.error.code == ErrorCode::model_lost);
  CHECK(event.retries == 2);
  CHECK(event.steps == 0);
  CHECK(event.server == "http://one");
}

TEST_CASE("a generation that fails in a later step says how many were answered", "[monitor]") {
  std::atomic<int> steps = 0;
  EventsWorld world([&](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    if (++steps == 2) return Error(ErrorCode::protocol, "broken");
    sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{}", .name = "nothing"});
    return ChatOutcome{.finish = Finish::tool_calls};
  });
  world.request.tools.add("nothing", "Does nothing", {}, [] { return 0; });
  REQUIRE_FALSE(world.generate());
  CHECK(world.last().steps == 1);
  CHECK(described(world.last().tool_uses) == "nothing ran, ");
}

TEST_CASE("the server is the last one that was asked", "[monitor]") {
  const auto server = [](std::string address, bool up) {
    auto fake = std::make_shared<FakeProvider>();
    fake->offers_list = false;
    fake->on_chat = [up](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      if (!up) return Error(ErrorCode::unreachable, "off");
      return say(sink, "fine");
    };
    return calls::ServerComponent{fake, address, address};
  };
  calls::ProviderSetup two = setup("fake", nullptr);
  two.components = {server("http://one", false), server("http://two", true)};
  const auto parts = make_parts({std::move(two)});
  const auto events = std::make_shared<LastEvents>();
  parts->monitors.add("m", events);
  REQUIRE(parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, {}));
  parts->monitors.flush();
  CHECK(events->seen.back().server == "http://two");
  CHECK(events->seen.back().retries == 1);
}

TEST_CASE("a fallback's event counts those before it, and what they have taken", "[monitor]") {
  Config config;
  std::vector<calls::ProviderSetup> setups;
  for (const char* name : {"a", "b", "c"}) {
    const std::string id = name;
    const auto fake = std::make_shared<FakeProvider>();
    fake->models = {{.key = "m"}};
    fake->on_chat = [id](const ChatRequest&, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      if (id != "c") return Error(ErrorCode::model_lost, "gone");
      return say(sink, "from c");
    };
    setups.push_back(setup(id + "-server", fake));
    setups.back().policy.retry = {.attempts = 2, .backoff = 0ms};
    config.models.push_back({.alias = id, .provider = id + "-server", .key = "m"});
  }
  config.models.front().fallback = {"b", "c"};
  const auto parts = make_parts(std::move(setups), std::move(config));
  const auto events = std::make_shared<LastEvents>();
  parts->monitors.add("m", events);
  REQUIRE(parts->generator.generate({{.model = "a", .messages = {user("hi")}}}, {}));
  parts->monitors.flush();
  const MonitorEvent& event = events->seen.back();
  CHECK(event.provider == "c-server");
  CHECK(event.fallbacks == 2);
  CHECK(event.retries == 2);
}

TEST_CASE("the time that the limits of a server took is queue time", "[monitor][limits]") {
  std::promise<void> first_runs;
  EventsWorld world(
      [&](const ChatRequest&, ChatSink&, const CallContext& context) {
        first_runs.set_value();
        wait_for_cancel(context);
        return ChatOutcome{};
      },
      {.load = 20ms}, {.concurrency = 1});
  std::stop_source stop;
  TextRequest first = world.request;
  first.stop = stop.get_token();
  auto running = std::async(std::launch::async, [&] { return world.parts->generator.generate({first}, {}); });
  first_runs.get_future().wait();
  REQUIRE_FALSE(world.generate());
  const MonitorEvent& late = world.last();
  CHECK(late.error.code == ErrorCode::timeout);
  CHECK(late.queue_time > 0ns);
  CHECK(late.queue_time <= late.elapsed);
  CHECK(late.load_time == 0ns);
  stop.request_stop();
  CHECK_FALSE(running.get());
  CHECK(world.last().error.code == ErrorCode::cancelled);
  CHECK(world.last().queue_time == 0ns);
}

TEST_CASE("the time that a server says it loads its model is load time", "[monitor]") {
  EventsWorld world([&](const ChatRequest&, ChatSink& sink, const CallContext&) {
    for (const double fraction : {0.0, 0.5, 1.0})
      sink.on_event({.kind = ChatEvent::Kind::progress, .fraction = fraction, .text = "load"});
    sink.on_event({.kind = ChatEvent::Kind::progress, .fraction = 1, .text = "prompt"});
    return say(sink, "fine");
  });
  REQUIRE(world.generate());
  const MonitorEvent& event = world.last();
  CHECK(event.load_time > 0ns);
  CHECK(event.load_time <= event.time_to_first_token.value);
  CHECK(event.queue_time == 0ns);
}

TEST_CASE("what was said is only for monitors that want it", "[monitor]") {
  const auto chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) { return say(sink, "hello"); };
  EventsWorld discreet(chat);
  REQUIRE(discreet.generate());
  CHECK(discreet.last().asked.empty());
  CHECK(discreet.last().answered.empty());

  EventsWorld curious(chat, {}, {}, true);
  curious.request.messages = {system_prompt("Be kind"), user("hi")};
  REQUIRE(curious.generate());
  CHECK(described(curious.last().asked) == "system(Be kind) user(hi) ");
  CHECK(described(curious.last().answered) == "assistant(hello) ");
}
