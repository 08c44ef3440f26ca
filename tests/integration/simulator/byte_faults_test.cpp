// SPDX-License-Identifier: MIT
#include <memory>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A request, and what its whole answer has at its end.
struct Question {
  const char* path;
  std::string body;
  std::string end;
};

std::vector<Question> questions() {
  const std::string embedding = R"({"model":"text-embedding-nomic-embed-text-v1.5","input":["a"]})";
  return {{"/v1/chat/completions", chat_body("mistral-7b", "Hi"), "}"},
          {"/v1/chat/completions", chat_body("mistral-7b", "Hi", R"(,"stream":true)"), "0\r\n\r\n"},
          {"/v1/embeddings", embedding, "}"}};
}

std::unique_ptr<RawConnection> asked(const Simulator& simulator, const Question& question) {
  auto connection = std::make_unique<RawConnection>(simulator.port());
  connection->post(question.path, question.body);
  return connection;
}

std::string fault(const std::string& members) { return "faults: [{" + members + "}]"; }

}  // namespace

TEST_CASE("A response of any kind can be cut off at any byte, and the next request is served") {
  const Simulator simulator;
  for (const Question& question : questions()) {
    for (const std::size_t bytes : {0, 1, 20, 200, 300}) {
      simulator.play(fault("when: {first: 1}, kind: close, after_bytes: " + std::to_string(bytes)));
      CHECK(asked(simulator, question)->read_all().size() == bytes);
      CHECK_THAT(asked(simulator, question)->read_until(question.end), ContainsSubstring("200 OK"));
    }
  }
}

TEST_CASE("A response can be cut off behind its headers") {
  const Simulator simulator(fault("kind: close, after_headers: true"));
  for (const Question& question : questions())
    CHECK_THAT(asked(simulator, question)->read_all(), Catch::Matchers::EndsWith("\r\n\r\n"));
}

TEST_CASE("A connection can be reset before the response, in it, and between tokens") {
  const Simulator simulator;
  for (const char* place : {"", ", after_bytes: 30", ", after_headers: true", ", after_tokens: 2"}) {
    simulator.play(fault(std::string("kind: reset") + place));
    for (const Question& question : questions()) {
      const auto connection = asked(simulator, question);
      connection->read_all();
      CHECK(connection->was_reset());
    }
  }
}

TEST_CASE("A response can stall before its headers, behind them, and in the middle") {
  for (const auto& [place, seen] : {std::pair("", ""), std::pair(", after_headers: true", "\r\n\r\n"),
                                    std::pair(", after_bytes: 9", "HTTP/1.1 ")}) {
    const Simulator simulator(fault(std::string("kind: stall") + place));
    std::int64_t asked_so_far = 0;
    for (const Question& question : questions()) {
      asked(simulator, question)->read_until(seen);
      ++asked_so_far;
      simulator.wait_for(
          [&](const Value& state) { return state["counters"]["stopped"].as_integer() == asked_so_far; });
    }
  }
}

TEST_CASE("Garbage can stand in place of the status line, or behind the headers") {
  const Simulator simulator(fault("kind: garbage, after_bytes: 0"));
  for (const Question& question : questions())
    CHECK(asked(simulator, question)->read_all().find("HTTP/1.1") == std::string::npos);
  simulator.play(fault("kind: garbage, after_headers: true"));
  for (const Question& question : questions())
    CHECK_THAT(asked(simulator, question)->read_all(), ContainsSubstring("\r\n\r\n\x16\x03\x01"));
}

TEST_CASE("A response can drip, and is whole all the same") {
  const Simulator simulator(fault("kind: drip, bytes: 50, interval: 0ms"));
  for (const Question& question : questions())
    CHECK_THAT(asked(simulator, question)->read_until(question.end), ContainsSubstring("200 OK"));
  simulator.wait_for([](const Value& state) { return state["counters"]["completed"].as_integer() == 3; });
}

TEST_CASE("Other replies and faults replace the first ones while it runs, and a reset restores them") {
  const Simulator simulator("replies: [{text: first}]\n");
  const auto answer = [&] {
    return std::string(chat(simulator.port(), "mistral-7b", "x")
                           .json()["choices"]
                           .elements()
                           .at(0)["message"]["content"]
                           .as_string());
  };
  CHECK(answer() == "first");
  simulator.play(R"({"replies": [{"text": "second"}], "faults": []})");
  CHECK(answer() == "second");
  simulator.reset();
  CHECK(answer() == "first");
  const HttpReply refused =
      http(simulator.port(), "POST", "/__sim/script", "models: []\nfaults: [{kind: sulk}]");
  CHECK(refused.status == 400);
  CHECK_THAT(refused.body, ContainsSubstring("script:1:1: the script has no key 'models'") &&
                               ContainsSubstring("script:2:17: 'kind' is 'sulk', expected one of status"));
  CHECK(answer() == "first");
}

TEST_CASE("A fault may come a number of times and then no more") {
  const Simulator simulator(fault("when: {first: 2}, kind: status, status: 503"));
  CHECK(chat(simulator.port(), "mistral-7b", "x").status == 503);
  CHECK(chat(simulator.port(), "mistral-7b", "x").status == 503);
  CHECK(chat(simulator.port(), "mistral-7b", "x").status == 200);
}
