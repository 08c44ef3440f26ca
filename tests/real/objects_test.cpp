// SPDX-License-Identifier: MIT
// Objects by a schema from a real engine: its grammar forces noise into JSON, and we validate what comes.
#include <string>
#include <vector>

#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A model of noise ends a list or a text only when it must, and writes bytes that are no characters where it
// may.
const std::vector<const char*> kSchemas = {
    R"({"type": "object", "properties": {"name": {"type": "string", "pattern": "^[a-z]{1,20}$"}, "adult": {"type": "boolean"}},
        "required": ["name", "adult"], "additionalProperties": false})",
    R"({"type": "object", "required": ["person"], "additionalProperties": false, "properties": {"person":
        {"type": "object", "required": ["address"], "additionalProperties": false, "properties": {"address":
        {"type": "object", "required": ["city"], "additionalProperties": false,
         "properties": {"city": {"type": "string", "pattern": "^[a-z]{1,10}$"}}}}}}})",
    R"({"type": "object", "properties": {"mood": {"enum": ["good", "bad", "indifferent"]}, "level": {"enum": [1, 2, 3]}},
        "required": ["mood", "level"], "additionalProperties": false})",
    R"({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 5})",
    R"({"type": "object", "properties": {"needed": {"type": "boolean"}, "note": {"type": "string", "pattern": "^[a-z]{1,10}$"}},
        "required": ["needed"], "additionalProperties": false})",
    R"({"type": "object", "properties": {"percent": {"type": "integer", "minimum": 0, "maximum": 100}},
        "required": ["percent"], "additionalProperties": false})",
    R"({"type": "object", "required": ["from", "to"], "additionalProperties": false,
        "properties": {"from": {"$ref": "#/$defs/point"}, "to": {"$ref": "#/$defs/point"}},
        "$defs": {"point": {"type": "object", "required": ["x", "y"], "additionalProperties": false,
                            "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}}})",
    R"({"anyOf": [{"type": "object", "required": ["error"], "additionalProperties": false,
                   "properties": {"error": {"type": "string", "pattern": "^[a-z]{1,12}$"}}},
                  {"type": "object", "required": ["result"], "additionalProperties": false,
                   "properties": {"result": {"type": "integer"}}}]})",
    R"({"type": "object", "required": ["kind", "value"], "additionalProperties": false,
        "properties": {"kind": {"const": "reading"}, "value": {"type": ["integer", "null"]}}})",
    R"({"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "object", "required": ["date", "tags"],
        "additionalProperties": false, "properties": {"date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        "tags": {"type": "array", "maxItems": 2, "items": {"enum": ["a", "b", "c"]}}}}})",
};

TextRequest request(std::int64_t seed) {
  return {
      .model = "alpha", .messages = {user("Say something")}, .settings = {.max_tokens = 2000, .seed = seed}};
}

}  // namespace

TEST_CASE("a real server's objects fit ten schemas, at the first attempt", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 2000)).value();
  for (const char* schema : kSchemas) {
    for (std::int64_t seed = 1; seed <= 3; ++seed) {
      const Result<ObjectReply<Value>> reply =
          runtime.generate_object(request(seed), parse_json(schema).value());
      INFO(schema << (reply ? to_json(reply->object)
                            : reply.error().message + " " + to_json(reply.error().detail)));
      REQUIRE(reply);
      CHECK(reply->reply.steps == 1);
      CHECK(reply->reply.notices.empty());
    }
  }
}

TEST_CASE("a real server's object grows into what it becomes", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 2000)).value();
  Value last;
  const Result<ObjectReply<Value>> reply =
      runtime.stream_object(request(4), parse_json(kSchemas[9]).value(), [&](const Value& partial) {
        last = partial;
        return Flow::proceed;
      });
  REQUIRE(reply);
  CHECK(last == reply->object);
}
