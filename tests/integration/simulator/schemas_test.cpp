// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string with_schema(const std::string& schema) {
  return R"(,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":)" + schema +
         "}}";
}

std::string content_of(const HttpReply& reply) {
  return std::string(reply.json()["choices"].elements().at(0)["message"]["content"].as_string());
}

std::string instance(const Simulator& simulator, const std::string& question, const std::string& schema) {
  return content_of(chat(simulator.port(), kMistral, question, with_schema(schema)));
}

const std::string kPerson =
    R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},
                                "required":["name","age"]})";

}  // namespace

TEST_CASE("JSON for a schema takes its values from the question") {
  const Simulator simulator;
  std::string all;
  const auto show = [&](const char* question, const std::string& schema) {
    all += std::string("> ") + question + "\n" + instance(simulator, question, schema) + "\n";
  };
  show("Ada Lovelace is 36 years old", kPerson);
  show("What is the capital of France?",
       R"({"properties":{"answer":{"type":"string"}},"required":["answer"]})");
  show("What is 12 times 12?", R"({"properties":{"result":{"type":"number"}},"required":["result"]})");
  show("Is it cold or warm?", R"({"properties":{"feels":{"enum":["hot","warm","cold"]}}})");
  show("Name Oslo, Rome and Lima", R"({"type":"array","items":{"type":"string"},"minItems":3})");
  show("Meet on 2026-07-08", R"({"properties":{"date":{"type":"string","format":"date"}}})");
  check_golden("simulator/schema_questions.txt", all);
}

TEST_CASE("JSON fits its schema, keyword by keyword") {
  const Simulator simulator;
  std::string all;
  for (const char* schema :
       {R"({"const":{"a":1}})",
        R"({"enum":[3,"b"]})",
        R"({"type":"boolean"})",
        R"({"type":["null","integer"]})",
        R"({"type":"null"})",
        R"({"type":"integer","minimum":5,"multipleOf":4})",
        R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.1})",
        R"({"type":"integer","maximum":-3})",
        R"({"type":"string","minLength":12})",
        R"({"type":"string","maxLength":2})",
        R"({"type":"string","format":"email"})",
        R"({"type":"string","format":"date-time"})",
        R"({"type":"string","pattern":"^[A-Z]{2}-(\\d+|x)\\.[^a]?$"})",
        R"({"type":"array","items":{"type":"integer"},"maxItems":1})",
        R"({"type":"array","items":{"enum":["a","b"]},"minItems":2,"uniqueItems":true})",
        R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false})",
        R"({"type":"object","required":["a"],"additionalProperties":{"type":"integer"}})",
        R"({"anyOf":[{"type":"integer"},{"type":"string"}]})",
        R"({"oneOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}]})",
        R"({"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},
                     {"properties":{"b":{"type":"boolean"}},"required":["b"]}]})",
        R"({"type":"object","properties":{"root":{"$ref":"#/$defs/node"}},"required":["root"],
            "$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},
            "next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["value","next"]}}})"})
    all += "# " + base::to_json(base::parse_json(schema).value()) + "\n" + instance(simulator, "", schema) +
           "\n";
  check_golden("simulator/schema_keywords.txt", all);
}

TEST_CASE("Streamed JSON is what the whole answer has") {
  const Simulator simulator;
  const HttpReply reply =
      chat(simulator.port(), kMistral, "Ada is 36", with_schema(kPerson) + R"(,"stream":true)");
  std::string streamed;
  for (const Value& chunk : reply.chunks())
    streamed += chunk["choices"].elements().at(0)["delta"]["content"].as_string();
  CHECK(streamed == R"({"name":"Ada","age":36})");
  CHECK(streamed == instance(simulator, "Ada is 36", kPerson));
}

TEST_CASE("A script spoils the JSON in the ways that models do, and the second try is right") {
  std::string all;
  for (const char* quirk : {"fenced", "in_reasoning", "surrounded", "violating"}) {
    const Simulator simulator(
        "models: [{key: m, loaded: true, reasoning: reasoning_content}]\n"
        "replies: [{when: {nth: 1}, json: " +
        std::string(quirk) + "}]\n");
    const HttpReply first = chat(simulator.port(), "m", "Ada is 36", with_schema(kPerson));
    all += std::string("# ") + quirk + "\n" +
           base::to_json(first.json()["choices"].elements().at(0)["message"]) + "\n";
    CHECK(content_of(chat(simulator.port(), "m", "Ada is 36", with_schema(kPerson))) ==
          R"({"name":"Ada","age":36})");
  }
  check_golden("simulator/schema_quirks.txt", all);
}

TEST_CASE("JSON that max_tokens cuts off ends with length") {
  const Simulator simulator;
  const Value body =
      chat(simulator.port(), kMistral, "Ada is 36", with_schema(kPerson) + R"(,"max_tokens":5)").json();
  CHECK(body["choices"].elements().at(0)["finish_reason"].as_string() == "length");
  CHECK(body["choices"].elements().at(0)["message"]["content"].as_string() == "{\"name\":");
}
