// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

HttpReply post(int port, const std::string& body) { return http(port, "POST", "/v1/chat/completions", body); }

}  // namespace

TEST_CASE("What LM Studio does not know is answered with 200 and an error") {
  const Simulator simulator;
  for (const auto& [method, path] :
       {std::pair("GET", "/foo"), std::pair("GET", "/v1//models"),
        std::pair("OPTIONS", "/v1/chat/completions"), std::pair("GET", "/"),
        std::pair("POST", "/v1/models/unload"), std::pair("GET", "/v1/embeddings")}) {
    const HttpReply reply = http(simulator.port(), method, path);
    CHECK(reply.status == 200);
    CHECK(reply.json()["error"].as_string() ==
          std::string("Unexpected endpoint or method. (") + method + " " + path + ")");
  }
}

TEST_CASE("Bad requests get LM Studio's statuses and bodies") {
  const Simulator simulator;
  const int port = simulator.port();
  const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";
  std::string all;
  all += shown("not JSON", post(port, "{oops"));
  all += shown("no object", post(port, "[1]"));
  all += shown("not declared as JSON",
               http(port, "POST", "/v1/chat/completions", "{}", {{"Content-Type", "text/plain"}}));
  all += shown("no messages", post(port, R"({"model":"mistral-7b"})"));
  all +=
      shown("bad role", post(port, R"({"model":"mistral-7b","messages":[{"role":"boss","content":"x"}]})"));
  all +=
      shown("bad content", post(port, R"({"model":"mistral-7b","messages":[{"role":"user","content":7}]})"));
  all += shown("unknown model", chat(port, "gpt-9", "Hi"));
  all += shown("no model", post(port, "{" + hi + "}"));
  all += shown("an embedding model", chat(port, "text-embedding-nomic-embed-text-v1.5", "Hi"));
  all += shown("a model that never fits", chat(port, "huge", "Hi"));
  all += shown("tool_choice object", chat(port, "mistral-7b", "Hi", R"(,"tool_choice":{"type":"function"})"));
  all += shown("json_object", chat(port, "mistral-7b", "Hi", R"(,"response_format":{"type":"json_object"})"));
  all += shown("bad number", chat(port, "mistral-7b", "Hi", R"(,"temperature":"hot")"));
  all += shown("bad stop", chat(port, "mistral-7b", "Hi", R"(,"stop":[1])"));
  std::string words;
  for (int i = 0; i < 5000; ++i) words += " word";
  all += shown("too long", chat(port, "mistral-7b", words));
  all += shown("no input", http(port, "POST", "/v1/embeddings", R"({"model":"x"})"));
  all += shown("no prompt", http(port, "POST", "/v1/completions", R"({"model":"x"})"));
  all += shown("no such model", http(port, "GET", "/v1/models/nope"));
  check_golden("simulator/errors.txt", all);
}

TEST_CASE("A body that can't be read is an error that says why") {
  const Simulator simulator;
  for (const auto& [body, reason] :
       {std::pair(std::string("{\"a\":\"\xFF\"}"), "invalid UTF-8"),
        std::pair(std::string(R"({"seed":18446744073709551616})"), "an integer has more than 64 bits"),
        std::pair(std::string(100'000, '['), "Maximum depth exceeded"),
        std::pair(std::string(R"({"a":1} x)"), "Excess characters found after JSON end.")}) {
    const HttpReply reply = post(simulator.port(), body);
    CHECK(reply.status == 400);
    CHECK(reply.json()["error"].as_string() == std::string("The request body is not valid JSON: ") + reason);
  }
  CHECK(chat(simulator.port(), "mistral-7b", "Hi").status == 200);
}

TEST_CASE("A body is in the journal as it came: its order, numbers and texts") {
  const Simulator simulator;
  const std::string body =
      R"({"z":1,"a":[1.5,-0.0,1e+300,9223372036854775807,[],{}],"text":"é/\n\u0001\"","b":{"y":null,"x":true}})";
  post(simulator.port(), body);
  const Value state = simulator.wait_for(
      [](const Value& each) { return each["requests"].elements().at(0)["status"].as_integer() > 0; });
  CHECK(base::to_json(state["requests"].elements().at(0)["body"]) == body);
}

TEST_CASE("Keys that LM Studio ignores are ignored") {
  const Simulator simulator;
  CHECK(chat(simulator.port(), "mistral-7b", "Hi",
             R"(,"chat_template_kwargs":{"a":1},"seed":7,"temperature":0.5)")
            .status == 200);
}

TEST_CASE("With authentication on, every route but discovery wants the key") {
  const std::string key = "sk-lm-abcdefgh:01234567890123456789";
  const Simulator simulator("api_key: \"" + key + "\"\n");
  const auto list = [&](const std::map<std::string, std::string>& headers) {
    return http(simulator.port(), "GET", "/v1/models", "", headers);
  };
  std::string all = shown("no key", list({}));
  all += shown("no real key", list({{"Authorization", "Bearer lm-studio-dummy"}}));
  all += shown("another key", list({{"Authorization", "Bearer sk-lm-abcdefgh:01234567890123456780"}}));
  check_golden("simulator/authentication.txt", all);
  CHECK(list({{"Authorization", "Bearer " + key}}).status == 200);
  CHECK(http(simulator.port(), "GET", "/lmstudio-greeting").json()["lmstudio"].as_bool());
}

TEST_CASE("An unknown name is served by the only loaded model when the script says so") {
  const Simulator simulator("strict_models: false\nmodels: [{key: only, loaded: true}, {key: other}]\n");
  const HttpReply reply = chat(simulator.port(), "gpt-9", "Hi");
  CHECK(reply.status == 200);
  CHECK(reply.json()["model"].as_string() == "only");
}
