// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <future>
#include <string>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<TextRequest> document_requests() {
  std::vector<TextRequest> requests;
  for (const char* text :
       {"Summarize this text: ...", "Translate to Spanish: ...", "Answer this question: ..."})
    requests.push_back({.model = "mistral-7b", .messages = {user(text)}, .settings = {.max_tokens = 500}});
  return requests;
}

constexpr char kReplies[] =
    "replies:\n"
    "  - {when: {contains: Summarize}, text: a summary}\n"
    "  - {when: {contains: Translate}, text: una frase}\n"
    "  - {when: {contains: Answer}, text: the answer}\n";

// How many chats the simulator has seen.
std::ptrdiff_t chats(const Value& state) {
  return std::ranges::count_if(state["requests"].elements(), [](const Value& each) {
    return each["path"].as_string() == "/v1/chat/completions" || each["path"].as_string() == "/api/v1/chat";
  });
}

}  // namespace

TEST_CASE("several requests are processed as one batch, each with its own result", "[batch-processing]") {
  Studio studio(kReplies);
  const auto responses = studio.provider().batch_generate(document_requests(), {.concurrency = 3}).value();
  REQUIRE(responses.size() == 3);
  CHECK(responses[0]->text == "a summary");
  CHECK(responses[1]->text == "una frase");
  CHECK(responses[2]->text == "the answer");
}

TEST_CASE("so many requests are processed at a time", "[batch-processing/batch-size]") {
  Studio studio;
  studio.simulator.play("hold: {answers: [mistral-7b]}");
  std::vector<TextRequest> requests = document_requests();
  requests.insert(requests.end(), requests.begin(), requests.end());
  auto responses = std::async(std::launch::async, [&] {
    return studio.provider().batch_generate(requests, {.concurrency = 3}).value();
  });
  CHECK(chats(studio.simulator.wait_for(
            [](const Value& state) { return state["open_streams"] == Value(3); })) == 3);
  studio.simulator.play("hold: {}");
  CHECK(responses.get().size() == 6);
}

TEST_CASE("without parallel processing, one request comes after the other", "[batch-processing/parallel]") {
  Studio studio;
  studio.simulator.play("hold: {answers: [mistral-7b]}");
  auto responses = std::async(std::launch::async, [&] {
    return studio.provider().batch_generate(document_requests(), {.concurrency = 1}).value();
  });
  CHECK(chats(studio.simulator.wait_for(
            [](const Value& state) { return state["open_streams"] == Value(1); })) == 1);
  studio.simulator.play("hold: {}");
  CHECK(responses.get().size() == 3);
}
