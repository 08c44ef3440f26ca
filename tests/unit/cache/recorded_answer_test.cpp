// SPDX-License-Identifier: MIT
#include "cache/recorded_answer.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ChatOutcome recorded_outcome() {
  return {.finish = Finish::tool_calls,
          .usage = {.prompt_tokens = 3, .completion_tokens = 400, .cached_tokens = 0},
          .served_model = "m:2",
          .extra = Value::object({{"id", "x"}}),
          .tokens_per_second = {50, Source::reported, "fake"}};
}

std::string a_record() {
  cache::AnswerRecorder recorder;
  recorder.begin();
  recorder.note({.text = "of an attempt that failed"});
  recorder.begin();
  recorder.note({.channel = Channel::thinking, .text = "hm"});
  recorder.note({.kind = ChatEvent::Kind::progress, .fraction = 0.5, .text = "prompt"});
  recorder.note({.kind = ChatEvent::Kind::rechannel, .channel = Channel::analysis});
  recorder.note({.kind = ChatEvent::Kind::tool_call, .index = 300, .text = "{\xff", .id = "1", .name = "f"});
  recorder.note({.kind = ChatEvent::Kind::notice, .text = "so it is"});
  return recorder.end(recorded_outcome());
}

}  // namespace

TEST_CASE("a record gives back all that a provider said, to the byte, but for progress and speeds",
          "[cache]") {
  const auto answer = cache::RecordedAnswer::read(a_record());
  REQUIRE(answer);
  REQUIRE(answer->events.size() == 4);
  const ChatEvent& thought = answer->events[0].event;
  CHECK(thought.kind == ChatEvent::Kind::delta);
  CHECK(thought.channel == Channel::thinking);
  CHECK(thought.text == "hm");
  CHECK(answer->events[1].event.kind == ChatEvent::Kind::rechannel);
  CHECK(answer->events[1].event.channel == Channel::analysis);
  const ChatEvent& call = answer->events[2].event;
  CHECK(call.kind == ChatEvent::Kind::tool_call);
  CHECK(call.index == 300);
  CHECK(call.text == "{\xff");
  CHECK(call.id == "1");
  CHECK(call.name == "f");
  CHECK(answer->events[3].event.text == "so it is");
  const ChatOutcome expected = recorded_outcome();
  CHECK(answer->outcome.finish == expected.finish);
  CHECK(answer->outcome.usage == expected.usage);
  CHECK(answer->outcome.served_model == "m:2");
  CHECK(answer->outcome.extra == expected.extra);
  CHECK_FALSE(answer->outcome.tokens_per_second);
}

TEST_CASE("a record that is cut off or of another version is none", "[cache]") {
  const std::string whole = a_record();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(cache::RecordedAnswer::read(whole.substr(0, size)));
  }
  CHECK_FALSE(cache::RecordedAnswer::read(whole + "x"));
  CHECK_FALSE(cache::RecordedAnswer::read("\x02" + whole.substr(1)));
}

TEST_CASE("no bytes in the place of a record do any harm", "[cache]") {
  const std::string whole = a_record();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char byte : {'\x00', '\x05', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      if (const auto answer = cache::RecordedAnswer::read(changed)) CHECK(answer->events.size() < 400);
    }
}
