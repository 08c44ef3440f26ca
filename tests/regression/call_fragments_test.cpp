// SPDX-License-Identifier: MIT
// Servers that give each fragment of a call another id, or two calls one id, or send the arguments twice, or
// with an empty object in front, or as JSON within JSON: the calls came apart, or their arguments could not
// be read. And the ids that we gave were the same in each step, and none that Mistral's models accept.
#include <algorithm>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "common/chat/chat_request_writer.hpp"
#include "common/chat/tool_call_tracker.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

class CallSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override {
    if (calls.size() <= event.index) calls.resize(event.index + 1);
    calls[event.index].id += event.id;
    calls[event.index].name += event.name;
    calls[event.index].arguments += event.text;
    return Flow::proceed;
  }
  std::vector<ToolCall> calls;
};

std::vector<ToolCall> read(const std::vector<kit::CallFragment>& fragments,
                           const std::vector<Message>& history = {}) {
  CallSink sink;
  kit::ToolCallTracker tracker(sink, history);
  for (const kit::CallFragment& fragment : fragments) tracker.on_fragment(fragment);
  tracker.finish();
  return sink.calls;
}

std::string shown(const std::vector<ToolCall>& calls) {
  std::string out;
  for (const ToolCall& call : calls) out += call.id + " " + call.name + " " + call.arguments + "\n";
  return out;
}

Message with_call(const std::string& id) {
  Message message{Role::assistant, ""};
  message.tool_calls.push_back({id, "add", "{}"});
  return message;
}

}  // namespace

TEST_CASE("another id in each fragment of a call makes no other call", "[streams]") {
  CHECK(shown(read({{0, "x1", "add", R"({"a")"}, {0, "x2", "", ":1"}, {0, "x3", "", "}"}})) ==
        "x1 add {\"a\":1}\n");
  CHECK(shown(read({{{}, "x1", "add", R"({"a")"}, {{}, "x2", "", ":1}"}})) == "x1 add {\"a\":1}\n");
}

TEST_CASE("one id for two calls makes two calls, with an id each", "[streams]") {
  const std::string two = "c add {\"a\":1}\ncall00000 add {\"a\":2}\n";
  CHECK(shown(read({{0, "c", "add", R"({"a":1})"}, {1, "c", "add", R"({"a":2})"}})) == two);
  CHECK(shown(read({{0, "c", "add", R"({"a":1})"}, {0, "c", "add", R"({"a":2})"}})) == two);
  CHECK(shown(read({{{}, "c", "add", R"({"a":1})"}, {{}, "c", "add", R"({"a":2})"}})) == two);
}

TEST_CASE("arguments that come twice count once", "[streams]") {
  const std::string one = "c add {\"a\":1}\n";
  CHECK(shown(read({{0, "c", "add", R"({"a":1})"}, {0, "c", "add", R"({"a":1})"}})) == one);
  CHECK(shown(read({{0, "c", "add", R"({"a")"}, {0, "", "", ":1}"}, {0, "c", "add", R"({"a":1})"}})) == one);
  CHECK(shown(read({{0, "c", "add", R"({"a":1})"}, {0, "", "", R"({"a")"}, {0, "", "", ":1}"}})) == one);
  CHECK(shown(read({{0, "c", "add", R"({"a":"}{"})"}, {0, "c", "", R"({"a":"}{"})"}})) ==
        "c add {\"a\":\"}{\"}\n");
}

TEST_CASE("an empty object in front of the arguments is none of them, and one alone is", "[streams]") {
  CHECK(shown(read({{0, "c", "add", "{}"}, {0, "", "", R"({"a")"}, {0, "", "", ":1}"}})) ==
        "c add {\"a\":1}\n");
  CHECK(shown(read({{0, "c", "add", ""}, {0, "", "", "{}"}, {0, "", "", R"({"a":1})"}})) ==
        "c add {\"a\":1}\n");
  CHECK(shown(read({{0, "c", "add", "{}"}})) == "c add {}\n");
  CHECK(shown(read({{0, "c", "add", "{}"}, {0, "", "", "{}"}})) == "c add {}\n");
}

TEST_CASE("arguments within a JSON string are taken out of it, also when they are sent back", "[streams]") {
  CHECK(shown(read({{0, "c", "add", R"("{\"a\":)"}, {0, "", "", R"(1}")"}})) == "c add {\"a\":1}\n");
  CHECK(shown(read({{0, "c", "add", R"("hello")"}})) == "c add \"hello\"\n");
  Message message{Role::assistant, ""};
  message.tool_calls.push_back({"c", "add", R"("{\"a\":1}")"});
  const std::string sent = kit::write_chat_request({.model = "m", .messages = {message}}).value();
  CHECK_THAT(sent, ContainsSubstring(R"("arguments":"{\"a\":1}")"));
}

TEST_CASE("ids that we give are nine letters and digits, and are not used before", "[streams]") {
  const auto calls = read({{0, "", "add", "{}"}, {1, "", "add", "{}"}});
  CHECK(shown(calls) == "call00000 add {}\ncall00001 add {}\n");
  for (const ToolCall& call : calls) {
    CHECK(call.id.size() == 9);
    CHECK(std::all_of(call.id.begin(), call.id.end(),
                      [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }));
  }
  CHECK(shown(read({{0, "", "add", "{}"}}, {with_call("call00000")})) == "call00001 add {}\n");
  CHECK(shown(read({{0, "", "add", "{}"}}, {with_call("call00001")})) == "call00002 add {}\n");
  CHECK(shown(read({{0, "c", "add", "{}"}}, {with_call("c")})) == "call00001 add {}\n");
}
