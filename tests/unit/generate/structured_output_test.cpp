// SPDX-License-Identifier: MIT
#include "generate/structured_output.hpp"

#include "base/json.hpp"
#include "generate/json_salvage.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Reply saying(std::string text, Finish finish = Finish::stop) {
  Reply reply;
  reply.text = std::move(text);
  reply.finish = finish;
  reply.messages = {assistant(reply.text)};
  reply.usage = {.prompt_tokens = 10, .completion_tokens = 5, .reasoning_tokens = {}};
  return reply;
}

// What is found first, with how; "nothing" when there is none.
std::string found(const Reply& reply) {
  const std::vector<FoundJson> all = find_json(reply);
  if (all.empty()) return "nothing";
  return base::to_json(all.front().value) + (all.front().notice.empty() ? "" : ": " + all.front().notice);
}

const Value kSchema =
    base::parse_json(R"({"type": "object", "required": ["days"], "additionalProperties": false,
                                           "properties": {"days": {"type": "integer", "minimum": 1}}})")
        .value();

/// Answers in turn with the given replies, and keeps what was asked.
struct Script {
  std::vector<Reply> replies;
  std::vector<TextRequest> asked = {};

  Result<ObjectReply<Value>> run(const PartialCallback& on_partial = {}) {
    const auto ask = [this](TextRequest request, const DeltaCallback& on_delta) -> Result<Reply> {
      asked.push_back(std::move(request));
      Reply reply = replies.at(asked.size() - 1);
      for (const char c : reply.text)
        if (on_delta && on_delta({.content = std::string_view(&c, 1)}) == Flow::stop) {
          reply.finish = Finish::cancelled;
          break;
        }
      return reply;
    };
    return generate_object(ask, {.messages = {user("How many days?")}}, kSchema, on_partial);
  }
};

}  // namespace

TEST_CASE("JSON is found wherever servers and models were seen to put it", "[structured-output]") {
  CHECK(found(saying(R"( {"a": 1} )")) == R"({"a":1})");
  CHECK(found(saying("\"text\"")) == "\"text\"");
  CHECK(found(saying("Sure:\n```json\n{\"a\": 1}\n```\nHave fun")) ==
        R"({"a":1}: the JSON was taken out of a code fence)");
  CHECK(found(saying("```\n[1]")) == "[1]: the JSON was taken out of a code fence");
  CHECK(found(saying(R"(As {you} wished: {"a": "}"} [more])")) ==
        R"({"a":"}"}: the JSON was taken out of the text around it)");
  CHECK(found(saying("I can't")) == "nothing");
  CHECK(found(saying("")) == "nothing");

  Reply leaked = saying("");
  leaked.channels[Channel::thinking] = R"(I think {"a": 1} fits)";
  CHECK(found(leaked) ==
        R"({"a":1}: the JSON was taken out of the text around it in the channel 'thinking')");
  leaked.channels[Channel::thinking] = R"({"a": 1})";
  CHECK(found(leaked) == R"({"a":1}: the answer had no JSON: it was taken from the channel 'thinking')");
}

TEST_CASE("an answer that opens brackets for ever costs linear time", "[structured-output]") {
  CHECK(found(saying(std::string(300'000, '['))) == "nothing");
  std::string fences;
  for (int i = 0; i < 50'000; ++i) fences += "```\n";
  CHECK(found(saying(fences)) == "nothing");
}

TEST_CASE("of several pieces of JSON the one that fits is taken", "[structured-output]") {
  Script script{{saying(R"(See [1]: {"weeks": 2}, or {"days": 14})")}};
  const ObjectReply<Value> reply = script.run().value();
  CHECK(base::to_json(reply.object) == R"({"days":14})");
  CHECK(reply.reply.notices == std::vector<std::string>{"the JSON was taken out of the text around it"});
}

TEST_CASE("an answer that does not fit is sent back once, with what is wrong", "[structured-output]") {
  Script script{{saying(R"({"days": 0, "weeks": 1})"), saying(R"({"days": 7})")}};
  const ObjectReply<Value> reply = script.run().value();
  CHECK(base::to_json(reply.object) == R"({"days":7})");
  REQUIRE(script.asked.size() == 2);
  const std::vector<Message>& second = script.asked[1].messages;
  REQUIRE(second.size() == 3);
  CHECK(second[1].role == Role::assistant);
  CHECK(second[1].text == R"({"days": 0, "weeks": 1})");
  CHECK(second[2].text ==
        "Your answer does not fit the JSON schema that was asked for:\n"
        "- '/days' must be at least 1, but is 0\n"
        "- '/weeks' must not be there; allowed is 'days'\n"
        "Answer again with the whole corrected JSON and nothing else.");
  CHECK(reply.reply.usage.prompt_tokens == 20);
  CHECK(reply.reply.usage.completion_tokens == 10);
  CHECK(!reply.reply.usage.reasoning_tokens);
  CHECK(reply.reply.steps == 2);
  REQUIRE(reply.reply.messages.size() == 3);
  CHECK(reply.reply.messages[2].text == R"({"days": 7})");
  CHECK(
      reply.reply.notices ==
      std::vector<std::string>{
          "the first answer did not fit the schema and was sent back: '/days' must be at least 1, but is 0"});
}

TEST_CASE("a second answer that does not fit is an error that says where and what", "[structured-output]") {
  Script script{{saying("No idea"), saying(R"({"days": "many"})")}};
  const Error error = script.run().error();
  CHECK(error.code == ErrorCode::schema_violation);
  CHECK(error.message ==
        "the answer does not fit the schema, nor did the one before: '/days' must be an integer, but is "
        "\"many\"");
  CHECK(error.detail["pointer"].as_string() == "/days");
  CHECK(error.detail["text"].as_string() == R"({"days": "many"})");
  CHECK(script.asked[1].messages[2].text ==
        "Your answer does not fit the JSON schema that was asked for:\n- it contains no JSON\n"
        "Answer again with the whole corrected JSON and nothing else.");
}

TEST_CASE("the text in an error is bounded, and cut between characters", "[structured-output]") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "é";
  Script script{{saying(text), saying("x" + text)}};
  const Error error = script.run().error();
  CHECK(error.detail["text"].as_string().size() < 2010);
  CHECK(base::parse_json(base::to_json(error.detail)).value() == error.detail);
}

TEST_CASE("an answer that was cut off is not asked for again", "[structured-output]") {
  Script script{{saying(R"({"days": 1)", Finish::length)}};
  const Error error = script.run().error();
  CHECK(error.code == ErrorCode::schema_violation);
  CHECK(error.message == "the answer was cut off at its token limit before its JSON was complete");
  CHECK_THAT(error.hint, ContainsSubstring("'max_tokens'"));
  CHECK(script.asked.size() == 1);
}

TEST_CASE("JSON that was complete before the limit counts", "[structured-output]") {
  Script script{{saying("{\"days\": 3}\n\n\n\n", Finish::length)}};
  CHECK(script.run().value().object["days"].as_integer() == 3);
}

TEST_CASE("a call that nobody runs is no object", "[structured-output]") {
  Reply calling = saying("", Finish::tool_calls);
  calling.tool_calls = {{.id = "1", .name = "look_up", .arguments = "{}"}};
  Script script{{calling}};
  CHECK_THAT(script.run().error().message, ContainsSubstring("'look_up', which has no implementation"));
}

TEST_CASE("the object is shown as it grows, and the callback can end it", "[structured-output]") {
  std::vector<std::string> seen;
  Script whole{{saying(R"({"days": 12})")}};
  REQUIRE(whole.run([&](const Value& partial) {
    seen.push_back(base::to_json(partial));
    return Flow::proceed;
  }));
  CHECK(seen == std::vector<std::string>{"{}", R"({"days":12})"});

  Script left{{saying(R"({"days": 12})")}};
  const Result<ObjectReply<Value>> ended = left.run([](const Value&) { return Flow::stop; });
  REQUIRE(!ended);
  CHECK(ended.error().code == ErrorCode::cancelled);
}

TEST_CASE("a schema that can't be used is refused before anything is asked", "[structured-output]") {
  const auto ask = [](TextRequest, const DeltaCallback&) -> Result<Reply> {
    FAIL("it was asked");
    return Reply{};
  };
  const Result<ObjectReply<Value>> refused = generate_object(ask, {}, Value("no schema"), {});
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::invalid_argument);
}
