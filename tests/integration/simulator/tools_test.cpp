// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kWeather = R"({"type":"function","function":{"name":"get_current_weather",
  "description":"Weather at a place","parameters":{"type":"object","properties":{
    "location":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},
    "required":["location"]}}})";
const std::string kCalculate = R"({"type":"function","function":{"name":"calculate",
  "description":"Evaluates an arithmetic expression","parameters":{"type":"object","properties":{
    "expression":{"type":"string"}},"required":["expression"]}}})";
const std::string kFlight =
    R"({"type":"function","function":{"name":"bookFlight","parameters":{"type":"object",
  "properties":{"from":{"type":"string"},"to":{"type":"string"},"passengers":{"type":"integer"},
    "date":{"type":"string","format":"date"}},"required":["from","to","passengers","date"]}}})";
const std::string kTools = R"(,"tools":[)" + kWeather + "," + kCalculate + "," + kFlight + "]";

const Value& choice_of(const Value& body) { return body["choices"].elements().at(0); }

// The calls of an answer on one line: name(arguments).
std::string calls_in(const Value& message) {
  std::string text;
  for (const Value& call : message["tool_calls"].elements())
    text += (text.empty() ? "" : " ") + std::string(call["function"]["name"].as_string()) +
            std::string(call["function"]["arguments"].as_string());
  return text;
}

std::string scripted_call(const std::string& more) {
  return "replies: [{tool_calls: [{name: f, arguments: {a: 1}, id: '7'}]" + more + "}]\n";
}

// The JSON of each fragment of a streamed call, a line each.
std::string fragments(const HttpReply& reply) {
  std::string text;
  for (const Value& chunk : reply.chunks())
    for (const Value& fragment : choice_of(chunk)["delta"]["tool_calls"].elements())
      text += base::to_json(fragment) + "\n";
  return text;
}

std::string with_result(const std::string& result) {
  std::string content;
  base::append_json_string(content, result);
  return R"({"model":"mistral-7b","messages":[{"role":"user","content":"How is the weather in Tokyo?"},
    {"role":"assistant","tool_calls":[{"id":"7","type":"function","function":
      {"name":"get_current_weather","arguments":"{\"location\":\"Tokyo\"}"}}]},
    {"role":"tool","tool_call_id":"7","content":)" +
         content + "}]" + kTools + "}";
}

}  // namespace

TEST_CASE("A tool that fits a question is called, with arguments out of the question") {
  const Simulator simulator;
  std::string all;
  for (const char* question :
       {"What's the weather in Tokyo?", "What's the weather like in New York and Paris in celsius?",
        "weather: Tokyo, Paris and London", "How is the weather in Tokyo? And what is it in Oslo?",
        "Calculate 12 * (3+4).", "What is the weather in tokyo? Calculate 2+2.",
        "Book a flight from Berlin to San Francisco for 3 people on 2026-05-06", "Hello",
        "Tell me about rivers", "What is the capital of France?"}) {
    const Value message = message_of(chat(simulator.port(), kMistral, question, kTools).json());
    const std::string calls = calls_in(message);
    all += std::string("> ") + question + "\n" + (calls.empty() ? "(text)" : calls) + "\n";
  }
  check_golden("simulator/tool_choice.txt", all);
}

TEST_CASE("A whole answer with calls has their ids, and ends with tool_calls") {
  const Simulator simulator;
  const Value body = chat(simulator.port(), kMistral, "The weather in Tokyo and Oslo?", kTools).json();
  CHECK(choice_of(body)["finish_reason"].as_string() == "tool_calls");
  CHECK(message_of(body).find("content") == nullptr);
  const Value::Array& calls = message_of(body)["tool_calls"].elements();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0]["id"].as_string().size() == 9);
  CHECK(calls[0]["id"].as_string().find_first_not_of("0123456789") == std::string_view::npos);
  CHECK(calls[0]["id"] != calls[1]["id"]);
  CHECK(body["usage"]["completion_tokens"].as_integer() > 2);
}

TEST_CASE("A streamed call comes in LM Studio's fragments") {
  const Simulator simulator(
      "replies: [{tool_calls: [{name: f, arguments: {a: 1}, id: '365174485'}, {name: g}]}]\n");
  const HttpReply reply = chat(simulator.port(), kMistral, "x", kTools + kStream);
  check_golden("simulator/tool_fragments.txt",
               replace_all(fragments(reply), "100007919", "ID"));  // of the first request
  CHECK(choice_of(reply.chunks().back())["finish_reason"].as_string() == "tool_calls");
}

TEST_CASE("tool_choice is obeyed, also where no tool fits or the model was not trained for tools") {
  const Simulator simulator(
      "models: [{key: plain, loaded: true}, {key: trained, loaded: true, tools: true}]\n");
  const auto calls = [&](const char* model, const char* text, const char* mode) {
    const std::string more = kTools + R"(,"tool_choice":")" + mode + "\"";
    return calls_in(message_of(chat(simulator.port(), model, text, more).json()));
  };
  const std::string weather = R"(get_current_weather{"location":"Tokyo"})";
  CHECK(calls("trained", "The weather in Tokyo?", "auto") == weather);
  CHECK(calls("trained", "The weather in Tokyo?", "none").empty());
  CHECK(calls("trained", "Hello", "required") == R"(get_current_weather{"location":"location"})");
  CHECK(calls("plain", "The weather in Tokyo?", "auto").empty());
  CHECK(calls("plain", "The weather in Tokyo?", "required") == weather);
}

TEST_CASE("After the results of tools the answer tells them") {
  const Simulator simulator;
  std::string all;
  for (const char* result : {"Sunny, 22°C", R"({"sky":"sunny","degrees":22})", "22", "Error: no such place"})
    all +=
        std::string(
            message_of(
                http(simulator.port(), "POST", "/v1/chat/completions", with_result(result)).json())["content"]
                .as_string()) +
        "\n";
  check_golden("simulator/tool_results.txt", all);
}

TEST_CASE("A script answers by the number of results, and may write invalid arguments") {
  const Simulator simulator(R"(
replies:
  - {when: {tool_results: 0}, text: "I look.", tool_calls: [{name: get_current_weather, arguments: '{"loc'}]}
  - {when: {tool_results: 1}, text: Done.}
)");
  const Value first = message_of(chat(simulator.port(), kMistral, "x", kTools).json());
  CHECK(first["content"].as_string() == "I look.");
  CHECK(calls_in(first) == R"(get_current_weather{"loc)");
  const Value second = http(simulator.port(), "POST", "/v1/chat/completions", with_result("1")).json();
  CHECK(message_of(second)["content"].as_string() == "Done.");
}

TEST_CASE("Calls can be left in the text, as LM Studio does with those that it can't read") {
  for (const auto& [quirk, text] :
       {std::pair("request_text",
                  "[TOOL_REQUEST]\n{\"name\": \"f\", \"arguments\": {\"a\":1}}\n[END_TOOL_REQUEST]"),
        std::pair("tag_text", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":1}}\n</tool_call>")}) {
    const Simulator simulator(scripted_call(std::string(", tool_quirks: [") + quirk + "]"));
    const Value body = chat(simulator.port(), kMistral, "x", kTools).json();
    CHECK(message_of(body)["content"].as_string() == text);
    CHECK(message_of(body)["tool_calls"] == Value::array());
    CHECK(choice_of(body)["finish_reason"].as_string() == "stop");
  }
}

TEST_CASE("Calls come in every form that servers were seen to send") {
  std::string all;
  for (const char* quirk : {"no_ids", "empty_ids", "names_repeated", "names_empty", "arguments_object"}) {
    const Simulator simulator(scripted_call(std::string(", finish: stop, tool_quirks: [") + quirk + "]"));
    all += std::string("# ") + quirk + "\n" + fragments(chat(simulator.port(), kMistral, "x", kStream)) +
           base::to_json(message_of(chat(simulator.port(), kMistral, "x").json())["tool_calls"]) + "\n";
  }
  check_golden("simulator/tool_quirks.txt", all);
}

TEST_CASE("max_tokens cuts a call off in the middle") {
  const Simulator simulator(scripted_call(""));
  const Value body = chat(simulator.port(), kMistral, "x", R"(,"max_tokens":4)").json();
  CHECK(calls_in(message_of(body)) == "f{\"a");
  CHECK(choice_of(body)["finish_reason"].as_string() == "length");
}
