// SPDX-License-Identifier: MIT
#include "base/not_found.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("what is not found is told with what is near", "[not-found]") {
  const Error error = base::not_found(ErrorCode::model_not_found, "no model 'qwen4'", "qwen4",
                                      {"qwen3", "mistral-7b"}, "list them");
  CHECK(error.code == ErrorCode::model_not_found);
  CHECK(error.message == "no model 'qwen4'");
  CHECK(error.hint == "did you mean 'qwen3'?");
  CHECK(error.detail == Value::object({{"name", "qwen4"}, {"near", Value::array({"qwen3"})}}));
}

TEST_CASE("where nothing is near, the hint says what else to do", "[not-found]") {
  const Error error =
      base::not_found(ErrorCode::plugin_refused, "no plugin 'x'", "x", {"mistral-7b"}, "list them");
  CHECK(error.code == ErrorCode::plugin_refused);
  CHECK(error.hint == "list them");
  CHECK(error.detail == Value::object({{"name", "x"}, {"near", Value::array()}}));
}

TEST_CASE("what the configuration has not is told with its near ids", "[not-found]") {
  const Error error = base::not_configured("provider", "lmstudoi", {"lmstudio", "echo"});
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message == "no provider 'lmstudoi' is configured");
  CHECK(error.hint == "did you mean 'lmstudio'?");
  CHECK(error.detail == Value::object({{"key", "lmstudoi"}}));
}

TEST_CASE("where no id is near, the hint names those that there are", "[not-found]") {
  CHECK(base::not_configured("provider", "x", {"lmstudio", "echo"}).hint == "there are 'lmstudio', 'echo'");
  CHECK(base::not_configured("provider", "x", {"lmstudio"}).hint == "there is 'lmstudio'");
  CHECK(base::not_configured("provider", "x", {}).hint.empty());
}
