// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "integration/simulator/sdk_connection.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kReasoner = "openai/gpt-oss-20b";
const std::string kSlow = "replies: [{text: 'one two three four five six seven', delay_per_token: 1h}]";
const Value kCancel = Value::object({{"type", "cancel"}});

Value json(const std::string& text) { return base::parse_json(text).value(); }

Value specifier(const std::string& model) {
  return Value::object({{"type", "query"}, {"query", Value::object({{"identifier", model}})}});
}

// A layered configuration of these fields, {"temperature": 1}.
Value stack(const std::string& fields) {
  const Value settings = json(fields);
  Value list = Value::array();
  for (const auto& [key, value] : settings.members())
    list.push_back(Value::object({{"key", "llm.prediction." + key}, {"value", value}}));
  return Value::object(
      {{"layers", Value::array({Value::object(
                      {{"layerName", "apiOverride"}, {"config", Value::object({{"fields", list}})}})})}});
}

// The model says "one", and nothing more.
std::string held(const std::string& model) {
  return "replies: [{text: one two three}]\nhold: {answers: [" + model + "]}";
}

// What asks for an answer to these messages, or to one user text.
Value prediction(const std::string& model, const std::string& messages, const std::string& fields = "{}") {
  Value list = Value::array();
  if (messages.starts_with('['))
    list = json(messages);
  else
    list.push_back(
        Value::object({{"role", "user"},
                       {"content", Value::array({Value::object({{"type", "text"}, {"text", messages}})})}}));
  return Value::object({{"modelSpecifier", specifier(model)},
                        {"history", Value::object({{"messages", list}})},
                        {"predictionConfigStack", stack(fields)}});
}

std::vector<Value> predict(const Simulator& simulator, const Value& parameter) {
  SdkConnection connection(simulator.port(), "llm");
  connection.open("predict", parameter);
  return connection.rest();
}

// A message on a line, without what takes time and what the model is.
std::string line_of(const Value& message) {
  const Value& fragment = message["fragment"];
  if (fragment.is_object())
    return "fragment " + std::string(fragment["reasoningType"].as_string()) + " " +
           base::to_json(fragment["content"]) + " " + base::to_json(fragment["tokensCount"]);
  if (message["type"].as_string() != "success") return base::to_json(message);
  Value stats = message["stats"];
  for (const char* key : {"tokensPerSecond", "timeToFirstTokenSec", "totalTimeSec"})
    if (stats.erase(key)) stats.set(key, "…");
  return "success " + base::to_json(stats);
}

std::string lines_of(const std::vector<Value>& messages) {
  std::string text;
  for (const Value& message : messages) text += line_of(message) + "\n";
  return text + "\n";
}

std::string text_of(const std::vector<Value>& messages, std::string_view type) {
  std::string text;
  for (const Value& message : messages)
    if (message["fragment"]["reasoningType"].as_string() == type)
      text += message["fragment"]["content"].as_string();
  return text;
}

const Value& success_of(const std::vector<Value>& messages) {
  REQUIRE(messages.size() >= 2);
  return messages[messages.size() - 2];
}

Value setting(const Value& config, const std::string& key) {
  for (const Value& field : config["fields"].elements())
    if (field["key"].as_string() == key) return field["value"];
  return {};
}

}  // namespace

TEST_CASE("A prediction tells its prompt's progress, its answer in fragments, and how it ended") {
  const Simulator simulator;
  const auto ask = [&](const std::string& model, const std::string& fields) {
    return model + " " + fields + "\n" + lines_of(predict(simulator, prediction(model, "Say hi", fields)));
  };
  simulator.play("replies: [{text: 'Hi, you.', reasoning: A greeting.}]");
  std::string all = ask(kMistral, "{}");
  for (const std::string& model : {kReasoner, std::string("qwen3-8b")}) {
    http(simulator.port(), "POST", "/v1/chat/completions", chat_body(model, "load"));
    all += ask(model, "{}");
  }
  all += ask(kReasoner, R"({"reasoning.enableThinking":false})");
  all += ask(kReasoner, R"({"reasoning.parsing":{"enabled":false,"startString":"","endString":""}})");
  all += ask(kReasoner, R"({"maxPredictedTokens":{"checked":true,"value":2}})");
  all += ask(kMistral, R"({"stopStrings":["you"]})");
  all += ask(kMistral, R"({"speculativeDecoding.draftModel":"phi-3-mini"})");
  check_golden("simulator/prediction_messages.txt", all);
}

TEST_CASE("A prediction calls tools, and tells a call that it could not read") {
  const Simulator simulator;
  const std::string tools = R"({"tools":{"type":"toolArray","tools":[{"type":"function","function":{
    "name":"get_current_weather","description":"Weather at a place","parameters":{"type":"object",
    "properties":{"location":{"type":"string"}},"required":["location"]}}}]}})";
  std::string all = lines_of(predict(simulator, prediction(kMistral, "Weather in Tokyo and Oslo?", tools)));
  const std::string results = R"([{"role":"user","content":[{"type":"text","text":"Weather in Tokyo?"}]},
    {"role":"assistant","content":[{"type":"toolCallRequest","toolCallRequest":{"id":"7","type":"function",
      "name":"get_current_weather","arguments":{"location":"Tokyo"}}}]},
    {"role":"tool","content":[{"type":"toolCallResult","content":"\"sunny\"","toolCallId":"7"}]}])";
  all += text_of(predict(simulator, prediction(kMistral, results, tools)), "none") + "\n\n";
  simulator.play(R"(replies: [{text: So., tool_calls: [{name: f, arguments: '{"a": '}]}])");
  all += lines_of(predict(simulator, prediction(kMistral, "Go", tools)));
  simulator.play(
      "replies: [{tool_calls: [{name: f, arguments: {a: 1}}], tool_quirks: [no_ids, arguments_object]}]");
  all += lines_of(predict(simulator, prediction(kMistral, "Go", tools)));
  check_golden("simulator/prediction_calls.txt", all);
}

TEST_CASE("A prediction says what the OpenAI route says, in as many tokens") {
  const Simulator simulator;
  for (const std::string& model : {kMistral, kReasoner}) {
    const Value body = chat(simulator.port(), model, "What is 6 * 7?").json();
    const auto messages = predict(simulator, prediction(model, "What is 6 * 7?"));
    const Value& stats = success_of(messages)["stats"];
    CHECK(text_of(messages, "none") == body["choices"].elements()[0]["message"]["content"].as_string());
    CHECK(stats["promptTokensCount"] == body["usage"]["prompt_tokens"]);
    CHECK(stats["predictedTokensCount"] == body["usage"]["completion_tokens"]);
  }
  SdkConnection connection(simulator.port(), "llm");
  const Value asked =
      Value::object({{"specifier", specifier(kMistral)}, {"inputString", "It is 42, isn't it?"}});
  const Value tokens = connection.result("tokenize", asked);
  const Value count = connection.result("countTokens", asked);
  CHECK(count["tokenCount"].as_integer() == 9);
  CHECK(tokens["tokens"].elements().size() == 9);
}

TEST_CASE("A prediction answers a schema with JSON that fits") {
  const Simulator simulator;
  const std::string fields = R"({"structured":{"type":"json","jsonSchema":{"type":"object",
    "properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"]}}})";
  const auto messages = predict(simulator, prediction(kMistral, "Ada Lovelace is 36 years old", fields));
  CHECK(text_of(messages, "none") == R"({"name":"Ada Lovelace","age":36})");
}

TEST_CASE("A prediction tells the settings in force, without what is unknown or has another form") {
  const Simulator simulator;
  const std::string fields = R"({"temperature":0.3,"seed":{"checked":true,"value":7},"topKSampling":"many",
    "minPSampling":0.5,"systemPrompt":"Be brief.","noSuchSetting":1})";
  const auto messages = predict(simulator, prediction(kMistral, "Hi", fields));
  const Value& success = success_of(messages);
  const Value& config = success["predictionConfig"];
  CHECK(setting(config, "llm.prediction.temperature") == Value(0.3));
  CHECK(setting(config, "llm.prediction.seed") == json(R"({"checked":true,"value":7})"));
  CHECK(setting(config, "llm.prediction.topKSampling") == Value(40));
  CHECK(setting(config, "llm.prediction.minPSampling") == json(R"({"checked":true,"value":0.05})"));
  CHECK(setting(config, "llm.prediction.noSuchSetting").is_null());
  CHECK(success["modelInfo"]["identifier"].as_string() == kMistral);
  CHECK(setting(success["loadModelConfig"], "llm.load.contextLength") ==
        success["modelInfo"]["contextLength"]);
  CHECK(success["stats"]["promptTokensCount"].as_integer() == 4 + 3 + 4 + 1);
}

TEST_CASE("A prediction that is cancelled ends as stopped by the user, whatever it was doing") {
  const Simulator simulator("models: [{key: one, loaded: true, parallel: 1}]");
  SdkConnection connection(simulator.port(), "llm");
  const auto cancel_when = [&](const std::string& script, const auto& reached) {
    simulator.play(script);
    const std::int64_t channel = connection.open("predict", prediction("one", "Hi"));
    reached();
    connection.send(channel, kCancel);
    const auto messages = connection.rest();
    CHECK(messages.back()["type"].as_string() == "channelClose");
    return success_of(messages)["stats"];
  };
  const auto message = [&](const std::string& type) {
    while (connection.next()["type"].as_string() != type) {
    }
  };
  const Value prompt =
      cancel_when("replies: [{text: Hi, prompt_time: 1h}]", [&] { message("promptProcessingProgress"); });
  CHECK(prompt["stopReason"].as_string() == "userStopped");
  CHECK(prompt["predictedTokensCount"].as_integer() == 0);
  const Value token = cancel_when(kSlow, [&] {
    simulator.wait_for([](const Value& state) { return state["open_streams"].as_integer() == 1; });
  });
  CHECK(token["stopReason"].as_string() == "userStopped");

  SdkConnection other(simulator.port(), "llm");
  const std::int64_t first = other.open("predict", prediction("one", "Hi"));
  const Value queued = cancel_when(kSlow, [&] {
    simulator.wait_for([](const Value& state) { return state["queued"].as_integer() == 1; });
  });
  CHECK(queued["stopReason"].as_string() == "userStopped");
  other.send(first, kCancel);
  other.rest();
  const Value state =
      simulator.wait_for([](const Value& s) { return s["counters"]["stopped"].as_integer() == 4; });
  CHECK(state["open_streams"].as_integer() == 0);
}

TEST_CASE("A prediction fails where the script says, also amid its answer") {
  const Simulator simulator;
  for (const int after : {0, 2}) {
    simulator.play(
        "faults: [{when: {route: /llm/predict, contains: hi}, kind: error, body: Boom., after_tokens: " +
        std::to_string(after) + "}]");
    const auto messages = predict(simulator, prediction(kMistral, "Hi"));
    CHECK(messages.back()["type"].as_string() == "channelError");
    CHECK(messages.back()["error"]["title"].as_string() == "Boom.");
    const auto fragments =
        std::ranges::count_if(messages, [](const Value& each) { return each.find("fragment"); });
    CHECK(fragments == after);
  }
}

TEST_CASE("A prediction fails when its model is unloaded amid the answer") {
  const Simulator simulator;
  simulator.play(held(kMistral));
  SdkConnection connection(simulator.port(), "llm");
  connection.open("predict", prediction(kMistral, "Hi"));
  bool unloaded = false;
  const auto messages = connection.rest([&](const Value& message) {
    if (!message.find("fragment") || std::exchange(unloaded, true)) return;
    SdkConnection(simulator.port(), "llm").result("unloadModel", Value::object({{"identifier", kMistral}}));
  });
  CHECK(messages.back()["type"].as_string() == "channelError");
  CHECK(messages.back()["error"]["title"].as_string() == "Model unloaded by user or API request.");
}

TEST_CASE("A prediction of what is not loaded, or does not fit, is refused with the reason") {
  const Simulator simulator("models: [{key: small, loaded: true, context_length: 16}]");
  const auto error = [&](const Value& parameter) {
    const auto messages = predict(simulator, parameter);
    return std::string(messages.back()["error"]["title"].as_string());
  };
  CHECK_THAT(error(prediction("ghost", "Hi")), ContainsSubstring("No loaded model satisfies the query"));
  CHECK_THAT(error(prediction("small", std::string(100, '.'))),
             ContainsSubstring("greater than the context length (16)"));
  CHECK_THAT(error(prediction("small", "Hi", R"({"speculativeDecoding.draftModel":"ghost"})")),
             ContainsSubstring("ghost"));
  CHECK_THAT(error(prediction("small", "[]")), ContainsSubstring("no messages"));
  const auto messages =
      predict(simulator, prediction("small", "Hi", R"({"contextOverflowPolicy":"stopAtLimit"})"));
  CHECK(success_of(messages)["stats"]["stopReason"].as_string() == "contextLengthReached");
  CHECK(success_of(messages)["stats"]["totalTokensCount"].as_integer() == 16);
}

TEST_CASE("A parameter of another form is answered with a warning alone") {
  const Simulator simulator;
  Value without_role = prediction(kMistral, R"([{"role":"robot","content":[]}])");
  CHECK(predict(simulator, without_role).back()["kind"].as_string() == "channelCreationParameterTypeError");
  SdkConnection connection(simulator.port(), "llm");
  const Value reply = connection.call("tokenize", Value::object({{"specifier", specifier(kMistral)}}));
  CHECK(reply["kind"].as_string() == "rpcParameterTypeError");
}

TEST_CASE("A model sees the images that were uploaded, and nothing else") {
  const Simulator simulator("models: [{key: eye, loaded: true, vision: true}, {key: blind, loaded: true}]");
  SdkConnection files(simulator.port(), "files");
  const auto upload = [&](const std::string& name) {
    return files.result("uploadFileBase64",
                        Value::object({{"name", name}, {"contentBase64", "iVBORw0KGgo="}}));
  };
  const auto ask = [&](const std::string& model, const Value& file) {
    Value part = Value::object({{"type", "file"},
                                {"name", "x"},
                                {"identifier", file["identifier"]},
                                {"sizeBytes", file["sizeBytes"]},
                                {"fileType", file["fileType"]}});
    const Value message = Value::object({{"role", "user"}, {"content", Value::array({part})}});
    return predict(simulator, prediction(model, base::to_json(Value::array({message}))));
  };
  const Value image = upload("dot.png");
  CHECK(image["fileType"].as_string() == "image");
  CHECK(image["sizeBytes"].as_integer() == 8);
  CHECK_THAT(text_of(ask("eye", image), "none"), ContainsSubstring("image/png, 8 bytes"));
  CHECK_THAT(std::string(ask("blind", image).back()["error"]["title"].as_string()),
             ContainsSubstring("does not support images"));
  CHECK_THAT(std::string(ask("eye", upload("notes.txt")).back()["error"]["title"].as_string()),
             ContainsSubstring("text/plain"));
  CHECK_THAT(
      std::string(ask("eye", Value::object({{"identifier", "ghost"}})).back()["error"]["title"].as_string()),
      ContainsSubstring("ghost"));
  const Value broken =
      files.call("uploadFileBase64", Value::object({{"name", "a.png"}, {"contentBase64", "*"}}));
  CHECK(broken["type"].as_string() == "rpcError");
}

TEST_CASE("An instance shows what it is doing, and how many wait for it") {
  const Simulator simulator("models: [{key: one, loaded: true, parallel: 1}]");
  SdkConnection watcher(simulator.port(), "llm");
  const auto state = [&] {
    return watcher.result("getInstanceProcessingState",
                          Value::object({{"specifier", specifier("one")}, {"throwIfNotFound", true}}));
  };
  CHECK(state() == json(R"({"status":"idle","queued":0})"));
  simulator.play("replies: [{text: Hi, prompt_time: 1h}]");
  SdkConnection first(simulator.port(), "llm"), second(simulator.port(), "llm");
  const std::int64_t channel = first.open("predict", prediction("one", "Hi"));
  first.next();
  const std::int64_t waiting = second.open("predict", prediction("one", "Hi"));
  simulator.wait_for([](const Value& seen) { return seen["queued"].as_integer() == 1; });
  CHECK(state() == json(R"({"status":"processingPrompt","queued":1})"));
  simulator.play(held("one"));
  first.send(channel, kCancel);
  first.rest();
  bool generating = false;
  second.rest([&](const Value& message) {
    if (!message.find("fragment") || std::exchange(generating, true)) return;
    CHECK(state() == json(R"({"status":"generating","queued":0})"));
    second.send(waiting, kCancel);
  });
  CHECK(generating);
}

TEST_CASE("Older servers tell a prompt's progress without its tokens") {
  const Simulator simulator("websocket: {prompt_details: false}");
  const auto messages = predict(simulator, prediction(kMistral, "Hi"));
  CHECK(messages.front() == json(R"({"type":"promptProcessingProgress","progress":0.0})"));
}

TEST_CASE("A raw text is completed, and a template shows what a model is asked") {
  const Simulator simulator;
  SdkConnection connection(simulator.port(), "llm");
  connection.open("completeRawText",
                  Value::object({{"modelSpecifier", specifier(kReasoner)},
                                 {"rawPrompt", "The meaning of life is"},
                                 {"predictionConfigStack",
                                  stack(R"({"maxPredictedTokens":{"checked":true,"value":4}})")}}));
  const auto messages = connection.rest();
  CHECK(success_of(messages)["stats"]["promptTokensCount"].as_integer() == 5);
  CHECK(success_of(messages)["stats"]["predictedTokensCount"].as_integer() == 4);
  CHECK(text_of(messages, "reasoning").empty());
  Value parameter = prediction(kMistral, "Hi", R"({"systemPrompt":"Be brief."})");
  parameter.set("specifier", specifier(kMistral));
  const Value formatted = connection.result("applyPromptTemplate", parameter);
  CHECK(formatted["formatted"].as_string() == "<|system|>Be brief.\n<|user|>Hi\n<|assistant|>");
}

TEST_CASE("The embedding space embeds, and has no language models") {
  const Simulator simulator("models: [{key: e, type: embedding, loaded: true}, {key: l, loaded: true}]");
  SdkConnection connection(simulator.port(), "embedding");
  const auto embed = [&](const std::string& model, const std::string& text) {
    return connection.call("embedString",
                           Value::object({{"modelSpecifier", specifier(model)}, {"inputString", text}}));
  };
  const Value once = embed("e", "a text");
  CHECK(once["result"]["embedding"].elements().size() == 768);
  CHECK(embed("e", "a text")["result"] == once["result"]);
  CHECK(embed("l", "a text")["type"].as_string() == "rpcError");
}
