// SPDX-License-Identifier: MIT
#include "base/nearest.hpp"

#include "support/catch.hpp"

using namespace tachikoma::base;

TEST_CASE("a slip finds its key, nearest first", "[nearest]") {
  const std::vector<std::string> keys = {"base_url", "api_key", "headers", "timeouts", "load"};
  CHECK(nearest("bse_url", keys) == std::vector<std::string>{"base_url"});
  CHECK(nearest("apikey", keys) == std::vector<std::string>{"api_key"});
  CHECK(nearest("laod", keys) == std::vector<std::string>{"load"});
  CHECK(nearest("completely_else", keys).empty());
}

TEST_CASE("a part of a model's name finds the model", "[nearest]") {
  CHECK(nearest("gpt-oss", {"openai/gpt-oss-20b", "mistral-7b"}) ==
        std::vector<std::string>{"openai/gpt-oss-20b"});
}

TEST_CASE("candidates are offered as a question", "[nearest]") {
  CHECK(did_you_mean({}).empty());
  CHECK(did_you_mean({"a"}) == "did you mean 'a'?");
  CHECK(did_you_mean({"a", "b", "c"}) == "did you mean 'a', 'b' or 'c'?");
}

TEST_CASE("the case of letters is no slip", "[nearest]") {
  CHECK(nearest("OpenAI/GPT-OSS", {"openai/gpt-oss"}) == std::vector<std::string>{"openai/gpt-oss"});
}

TEST_CASE("no more candidates are offered than are wanted", "[nearest]") {
  CHECK(nearest("modle", {"models", "model"}, 1) == std::vector<std::string>{"model"});
}

TEST_CASE("a long text is compared with what it holds alone", "[nearest]") {
  const std::string text(1'000'000, 'x');
  CHECK(nearest(text, {"base_url", std::string(100'000, 'y')}).empty());
  CHECK(nearest(text + "base_url", {"base_url"}) == std::vector<std::string>{"base_url"});
}
