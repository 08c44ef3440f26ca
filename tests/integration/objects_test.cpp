// SPDX-License-Identifier: MIT
// Objects by a schema, with real plugins and the simulator as the server.
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const Value kPerson = parse_json(R"({
  "type": "object",
  "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 1}},
  "required": ["name", "age"], "additionalProperties": false})")
                          .value();

/// A runtime whose server answers questions about a person as `script` says.
struct Studio {
  explicit Studio(const std::string& reply = {}, const std::string& model = "mistral-7b")
      : simulator(reply.empty() ? "" : "replies:\n  - {when: {contains: person}, " + reply + "}\n"),
        runtime(Runtime::with({.base_url = simulator.base_url(), .model = model}).value()) {}

  Result<ObjectReply<Value>> ask() { return runtime.generate_object(question(), kPerson); }

  static TextRequest question() { return {.messages = {user("Which person? Ada Lovelace is 36 years old")}}; }

  std::vector<Value> requests() const {
    std::vector<Value> bodies;
    const Value state = simulator.state();
    for (const Value& request : state["requests"].elements())
      if (request["path"].as_string() == "/v1/chat/completions") bodies.push_back(request["body"]);
    return bodies;
  }

  Simulator simulator;
  Runtime runtime;
};

}  // namespace

TEST_CASE("an object is asked for by its schema, and comes as a value", "[objects]") {
  Studio studio;
  const ObjectReply<Value> reply = studio.ask().value();
  CHECK(to_json(reply.object) == R"({"name":"Ada Lovelace","age":36})");
  CHECK(reply.reply.notices.empty());
  const std::vector<Value> requests = studio.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0]["response_format"]["type"].as_string() == "json_schema");
  CHECK(requests[0]["response_format"]["json_schema"]["schema"] == kPerson);
}

TEST_CASE("an object that is only wrapped is taken out, and the reply says so", "[objects]") {
  const auto [how, model, notice] = GENERATE(table<const char*, const char*, const char*>(
      {{"json: fenced", "mistral-7b", "the JSON was taken out of a code fence"},
       {"json: surrounded", "mistral-7b", "the JSON was taken out of the text around it"},
       {"json: in_reasoning", "openai/gpt-oss-20b",
        "the answer had no JSON: it was taken from the channel 'thinking'"}}));
  Studio studio(how, model);
  const ObjectReply<Value> reply = studio.ask().value();
  CHECK(to_json(reply.object) == R"({"name":"Ada Lovelace","age":36})");
  CHECK(reply.reply.notices == std::vector<std::string>{notice});
  CHECK(studio.requests().size() == 1);
}

TEST_CASE("an object that does not fit is sent back, and the second one counts", "[objects]") {
  Studio studio(R"(text: '{"name": "Ada", "age": 0}'}
  - {when: {contains: must be at least 1}, text: '{"name": "Ada", "age": 36}')");
  const ObjectReply<Value> reply = studio.ask().value();
  CHECK(to_json(reply.object) == R"({"name":"Ada","age":36})");
  REQUIRE(reply.reply.notices.size() == 1);
  CHECK(reply.reply.notices[0] ==
        "the first answer did not fit the schema and was sent back: '/age' must be at least 1, but is 0");
  const std::vector<Value> requests = studio.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[1]["messages"].elements().size() == 3);
  CHECK(requests[1]["response_format"] == requests[0]["response_format"]);
}

TEST_CASE("an object that never fits is a schema violation that says where", "[objects]") {
  Studio studio("json: violating}\n  - {when: {contains: does not fit}, json: violating");
  const Result<ObjectReply<Value>> reply = studio.ask();
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::schema_violation);
  CHECK(reply.error().detail["pointer"].is_string());
  CHECK(!reply.error().detail["text"].as_string().empty());
  CHECK(!reply.error().detail["errors"].elements().empty());
  CHECK(studio.requests().size() == 2);
}

TEST_CASE("an object that is cut off is an error that names the limit", "[objects]") {
  Studio studio;
  TextRequest request = Studio::question();
  request.settings.max_tokens = 3;
  const Result<ObjectReply<Value>> reply = studio.runtime.generate_object(std::move(request), kPerson);
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::schema_violation);
  CHECK_THAT(reply.error().hint, ContainsSubstring("max_tokens"));
  CHECK(studio.requests().size() == 1);
}

TEST_CASE("an object grows while it is streamed", "[objects]") {
  Studio studio;
  std::vector<Value> seen;
  const ObjectReply<Value> reply = studio.runtime
                                       .stream_object(Studio::question(), kPerson,
                                                      [&](const Value& partial) {
                                                        seen.push_back(partial);
                                                        return Flow::proceed;
                                                      })
                                       .value();
  REQUIRE(seen.size() > 2);
  CHECK(to_json(seen.front()) == "{}");
  CHECK(seen.back() == reply.object);
  for (const Value& partial : seen)
    CHECK(std::string_view("Ada Lovelace").substr(0, partial["name"].as_string().size()) ==
          partial["name"].as_string());
}

TEST_CASE("leaving the stream of an object ends it on the server", "[objects]") {
  std::string list = R"(text: '{"name": ")";
  for (int i = 0; i < 5000; ++i) list += "very ";
  Studio studio(list + "long', delay_per_token: 5ms");
  const Result<ObjectReply<Value>> reply = studio.runtime.stream_object(
      Studio::question(), kPerson,
      [](const Value& partial) { return partial["name"].as_string().empty() ? Flow::proceed : Flow::stop; });
  REQUIRE(!reply);
  CHECK(reply.error().code == ErrorCode::cancelled);
  studio.simulator.wait_for([](const Value& state) { return !state["disconnects"].elements().empty(); });
}

namespace {

struct Person {
  std::string name;
  int age = 0;
};
TACHIKOMA_FIELDS(Person, name, (age, "In years"));

}  // namespace

TEST_CASE("an object comes as a C++ type", "[objects]") {
  Studio studio;
  const ObjectReply<Person> reply = studio.runtime.generate_object<Person>(Studio::question()).value();
  CHECK(reply.object.name == "Ada Lovelace");
  CHECK(reply.object.age == 36);
}
