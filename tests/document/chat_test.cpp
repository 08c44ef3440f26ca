// SPDX-License-Identifier: MIT
#include <string>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a conversation sends what was said before", "[chat-interface]") {
  Studio studio;
  Conversation chat(studio.runtime, "openai/gpt-oss-20b");
  chat.settings = {.max_tokens = 1000, .temperature = 0.7};
  const std::string first = chat.send("My name is Ada").value().text;
  CHECK_FALSE(chat.send("What is my name?").value().text.empty());
  CHECK(chat.messages().size() == 4);
  const Value body = studio.last_chat()["body"];
  REQUIRE(body["messages"].elements().size() == 3);
  CHECK(body["messages"].elements()[0]["content"].as_string() == "My name is Ada");
  CHECK(body["messages"].elements()[1]["role"].as_string() == "assistant");
  CHECK(std::string(body["messages"].elements()[1]["content"].as_string()) == first);
  CHECK(body["max_tokens"].as_integer() == 1000);
  CHECK(body["temperature"].as_real() == 0.7);
}

TEST_CASE("'current' is the loaded model that was used last", "[chat-interface/current-model]") {
  Studio studio;
  REQUIRE(studio.runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  Conversation chat(studio.runtime, "current");
  CHECK(chat.send("Who are you?").value().model == "mistral-7b");
  REQUIRE(studio.runtime.generate_text({.model = "openai/gpt-oss-20b", .messages = {user("Hello")}}));
  CHECK(chat.send("And now?").value().model == "openai/gpt-oss-20b");
}

TEST_CASE("a reset conversation starts anew", "[chat-interface/reset]") {
  Studio studio;
  Conversation chat(studio.runtime, "openai/gpt-oss-20b");
  REQUIRE(chat.send("My name is Ada"));
  chat.reset();
  CHECK(chat.messages().empty());
  REQUIRE(chat.send("What is my name?"));
  CHECK(studio.last_chat()["body"]["messages"].elements().size() == 1);
}

TEST_CASE("a conversation goes on with another model", "[model-switching][best-practices/test-switching]") {
  Studio studio;
  Conversation chat(studio.runtime);
  REQUIRE(chat.use_model("mistral-7b"));
  const Reply quick = chat.send("What's 2+2?").value();
  CHECK(quick.model == "mistral-7b");
  CHECK_THAT(quick.text, ContainsSubstring("4"));
  REQUIRE(chat.use_model("gpt-oss-120b"));
  const Reply thorough = chat.send("Explain quantum entanglement").value();
  CHECK(thorough.model == "openai/gpt-oss-120b");
  CHECK(studio.last_chat()["body"]["messages"].elements().size() == 3);
  CHECK_FALSE(chat.use_model("no-such-model"));
  CHECK(chat.send("And now?").value().model == "openai/gpt-oss-120b");
}
