// SPDX-License-Identifier: MIT
#include "common/provider/llamacpp_token_count.hpp"

#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kDirect = "/v1/chat/completions/input_tokens";
const JsonReply kNotFound{R"({"error":{"message":"File Not Found","type":"not_found_error","code":404}})",
                          "404 Not Found"};

class Counter {
 public:
  explicit Counter(std::map<std::string, JsonReply> replies) : server(std::move(replies)) {}

  Result<std::int64_t> prompt(const ChatRequest& request) {
    return tokenizer().count_prompt_tokens(request, context_);
  }
  Result<std::int64_t> text(std::string_view text) {
    return tokenizer().count_text_tokens("m", text, context_);
  }

  JsonServer server;

 private:
  Tokenizer& tokenizer() { return *static_cast<Tokenizer*>(provider_->capability(Tokenizer::kId)); }

  TestHost host_;
  TestCancellation cancellation_;
  CallContext context_{cancellation_, "1"};
  std::unique_ptr<Provider> provider_ = kit::make_server_provider<kit::TokenCountingProvider>(
                                            Value::object({{"base_url", server.url()}}), host_)
                                            .value();
};

ChatRequest hello() { return {.model = "m", .messages = {{Role::user, "Hi"}}}; }

}  // namespace

TEST_CASE("a server that counts a chat's body is asked with the chat's own", "[tokens]") {
  Counter counter({{kDirect, JsonReply{R"({"input_tokens":18,"object":"response.input_tokens"})"}}});
  CHECK(counter.prompt(hello()).value() == 18);
  CHECK_THAT(counter.server.last_body(kDirect), StartsWith(R"({"model":"m","messages":[{"role":"user")"));
}

TEST_CASE("an older server renders the template, and splits what comes out with its special tokens",
          "[tokens]") {
  Counter counter({{kDirect, kNotFound},
                   {"/apply-template", JsonReply{R"({"prompt":"<s>Hi"})"}},
                   {"/tokenize", JsonReply{R"({"tokens":[1,2,3]})"}}});
  CHECK(counter.prompt(hello()).value() == 3);
  CHECK(counter.server.last_body("/tokenize") ==
        R"({"model":"m","content":"<s>Hi","add_special":true,"parse_special":true})");
}

TEST_CASE("a text alone is counted without what begins a prompt", "[tokens]") {
  Counter counter({{"/tokenize", JsonReply{R"({"tokens":[1,2]})"}}});
  CHECK(counter.text("Hi").value() == 2);
  CHECK(counter.server.last_body("/tokenize") ==
        R"({"model":"m","content":"Hi","add_special":false,"parse_special":true})");
}

TEST_CASE("a server that counts no tokens is said to, whichever way it says so", "[tokens]") {
  for (const bool not_found : {true, false}) {
    std::map<std::string, JsonReply> replies;
    if (not_found)
      for (const std::string& path : {kDirect, std::string("/apply-template"), std::string("/tokenize")})
        replies[path] = kNotFound;
    Counter counter(replies);
    CHECK(counter.prompt(hello()).error().code == ErrorCode::unsupported);
    CHECK_THAT(counter.prompt(hello()).error().message, ContainsSubstring("can't count tokens"));
    CHECK(counter.text("Hi").error().code == ErrorCode::unsupported);
  }
}

TEST_CASE("a failure to count is the server's own", "[tokens]") {
  Counter missing(
      {{kDirect,
        JsonReply{R"({"error":{"code":400,"message":"model 'm' not found","type":"invalid_request_error"}})",
                  "400 Bad Request"}}});
  CHECK(missing.prompt(hello()).error().code == ErrorCode::model_not_found);
  CHECK(missing.server.paths().size() == 1);

  Counter odd({{kDirect, JsonReply{R"({"tokens":3})"}}, {"/tokenize", JsonReply{R"({"count":3})"}}});
  CHECK(odd.prompt(hello()).error().code == ErrorCode::protocol);
  CHECK(odd.text("Hi").error().code == ErrorCode::protocol);
}

TEST_CASE("images are counted by a server that sees them, or not at all", "[tokens]") {
  ChatRequest request = hello();
  request.messages[0].images = {{"image/png", "x"}};
  Counter older({{kDirect, kNotFound}, {"/apply-template", JsonReply{R"({"prompt":"x"})"}}});
  CHECK_THAT(older.prompt(request).error().message, ContainsSubstring("can't count the tokens of images"));

  Counter blind(
      {{kDirect,
        JsonReply{R"({"error":{"code":500,"message":"image input is not supported","type":"server_error"}})",
                  "500 Internal Server Error"}}});
  CHECK(blind.prompt(request).error().code == ErrorCode::unsupported);
  CHECK_THAT(blind.prompt(request).error().message, ContainsSubstring("image input is not supported"));
}
