// SPDX-License-Identifier: MIT
// What a server measured itself was only passed on: a speed was computed from what arrived here, and when.
#include "common/chat/chat_decoder.hpp"
#include "support/catch.hpp"
#include "support/recording_sink.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

ChatOutcome outcome_with(const std::string& members) {
  RecordingSink sink;
  const kit::ChatFacts facts{.request = {.base_url = "http://here"}};
  kit::ChatDecoder decoder(sink, facts);
  std::string json = R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],)" + members + "}";
  json.reserve(json.size() + 128);  // the parser reads beyond the end
  CHECK(decoder.on_document(json) == Flow::proceed);
  return decoder.take_outcome();
}

}  // namespace

TEST_CASE("llama.cpp's timings are the speeds of a reply", "[streams]") {
  const ChatOutcome outcome = outcome_with(
      R"("usage":{"prompt_tokens":120,"completion_tokens":34,"prompt_tokens_details":{"cached_tokens":20}},)"
      R"("timings":{"cache_n":20,"prompt_n":100,"prompt_ms":200.0,"prompt_per_second":500.0,)"
      R"("predicted_n":34,"predicted_ms":560.0,"predicted_per_second":60.7})");
  CHECK(outcome.tokens_per_second == Sourced<double>{60.7, Source::reported, "llama.cpp's timings"});
  CHECK(outcome.prompt_tokens_per_second == Sourced<double>{500, Source::reported, "llama.cpp's timings"});
  CHECK(outcome.usage.cached_tokens == 20);
}

TEST_CASE("llama.cpp's count of the first token, without its time, is corrected in short answers",
          "[streams]") {
  const ChatOutcome two =
      outcome_with(R"("timings":{"predicted_n":2,"predicted_ms":16.7,"predicted_per_second":119.8})");
  CHECK(two.tokens_per_second.value == Approx(59.9).epsilon(0.01));
  const ChatOutcome one =
      outcome_with(R"("timings":{"predicted_n":1,"predicted_ms":0.001,"predicted_per_second":1000000.0})");
  CHECK_FALSE(one.tokens_per_second);
}

TEST_CASE("a prompt that was nearly all cached has no speed", "[streams]") {
  const ChatOutcome outcome = outcome_with(
      R"("timings":{"cache_n":149,"prompt_n":1,"prompt_per_second":41.0,"predicted_n":40,"predicted_per_second":9.5})");
  CHECK_FALSE(outcome.prompt_tokens_per_second);
  CHECK(outcome.usage.cached_tokens == 149);
}

TEST_CASE("LM Studio's statistics are the speed of a reply, where they have one", "[streams]") {
  CHECK(outcome_with(R"("stats":{"tokens_per_second":51.4,"time_to_first_token":0.1})").tokens_per_second ==
        Sourced<double>{51.4, Source::reported, "LM Studio's statistics of the reply"});
  CHECK_FALSE(outcome_with(R"("stats":{})").tokens_per_second);
  CHECK_FALSE(outcome_with(R"("stats":{"tokens_per_second":0})").tokens_per_second);
  CHECK_FALSE(
      outcome_with(R"("stats":{"tokens_per_second":91000.0,"total_output_tokens":1})").tokens_per_second);
}

TEST_CASE("cached tokens are read where servers have them", "[streams]") {
  CHECK(outcome_with(
            R"("usage":{"input_tokens":9,"output_tokens":2,"input_tokens_details":{"cached_tokens":7}})")
            .usage.cached_tokens == 7);
  CHECK_FALSE(outcome_with(R"("usage":{"prompt_tokens":9,"completion_tokens":2})").usage.cached_tokens);
}
