// SPDX-License-Identifier: MIT
#include "common/errors/server_error.hpp"

#include <string>
#include <vector>

#include "base/excerpt.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/recording_sink.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Reply {
  int status;
  const char* body;
};

// What LM Studio, llama.cpp's server and OpenAI are known to answer.
const std::vector<Reply> kReplies{
    {200, R"~({"error":"Unexpected endpoint or method. (GET /foo)"})~"},
    {401,
     R"~({"error":{"type":"invalid_request","code":"invalid_api_key","message":"An LM Studio API token is required to access the LM Studio server"}})~"},
    {401,
     R"~({"error":{"type":"invalid_request","code":"invalid_api_key","message":"Malformed LM Studio API token provided: lm-studio***"}})~"},
    {403,
     R"~({"error":{"type":"invalid_request","param":"integrations","message":"Permission denied to use plugin 'mcp/x'"}})~"},
    {400,
     R"~({"error":{"type":"invalid_request","code":"unrecognized_keys","message":"Unrecognized key(s) in object: 'stop'"}})~"},
    {404, R"~({"error":{"type":"model_not_found","message":"Model m not found in downloaded models"}})~"},
    {400,
     R"~({"error":{"message":"Invalid model identifier \"m\". Please specify a valid downloaded model (e.g., a, b, c).","type":"invalid_request_error","param":"model","code":"model_not_found"}})~"},
    {404,
     R"~({"error":{"message":"Model \"m\" not found. Please specify a valid model. Your models: a","type":"invalid_request_error","param":"model","code":null}})~"},
    {400,
     R"~({"error":"No models loaded. Please load a model in the developer page or use the 'lms load' command."})~"},
    {400,
     R"~({"error":{"message":"Failed to load model \"m\". Error: Model loading was stopped due to insufficient system resources. Under the current settings, this model requires approximately 22.90 GB of memory, and continuing to load it would likely overload your system and cause it to freeze.","type":"invalid_request_error"}})~"},
    {500, R"~({"error":{"type":"model_load_failed","message":"Failed to load model"}})~"},
    {500,
     R"~({"error":{"type":"model_load_failed","message":"ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory"}})~"},
    {400, R"~({"error":"Model unloaded by user or API request."})~"},
    {400,
     R"~({"error":"The model has crashed without additional information. (Exit code: 18446744072635812000)"})~"},
    {400, R"~({"error":"Channel Error"})~"},
    {400,
     R"~({"error":"The number of tokens to keep from the initial prompt is greater than the context length."})~"},
    {400,
     R"~({"error":"Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"})~"},
    {400, R"~({"error":"Error rendering prompt with jinja template: Conversation roles must alternate"})~"},
    {400,
     R"~({"error":"Invalid tool_choice type: 'object'. Supported string values: none, auto, required"})~"},
    {500,
     R"~({"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}})~"},
    {400, R"~({"error":"Model does not support images. Please use a model that does."})~"},
    {501,
     R"~({"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}})~"},
    {400,
     R"~({"error":{"message":"Failed to load model \"m\". Error: Model is not embedding.","type":"invalid_request_error","param":"model","code":"model_not_found"}})~"},
    {400, R"~({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}})~"},
    {500, "<!DOCTYPE html><html><body>Internal Server Error</body></html>"},
    {401, "<html><body>401 Authorization Required</body></html>"},
    {503, R"~({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})~"},
    {400, R"~({"error":{"code":400,"message":"model 'm' not found","type":"invalid_request_error"}})~"},
    {404, R"~({"error":{"message":"File Not Found","type":"not_found_error","code":404}})~"},
    {400,
     R"~({"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error"}})~"},
    {429,
     R"~({"error":{"message":"Rate limit reached for m","type":"requests","param":null,"code":"rate_limit_exceeded"}})~"},
    {422, R"~({"detail":[{"loc":["body","model"],"msg":"field required"}]})~"},
    {502, "Bad Gateway"},
    {404, "404 page not found"},
    {500, ""},
    {500, R"~({"error":null})~"},
    {400, "{\"error\":{}}"},
    {400, "\xff\x00\x01 no text"},
};

}  // namespace

TEST_CASE("what servers say about their failures becomes the right error", "[errors]") {
  const kit::RequestFacts facts{.base_url = "http://host:1", .model = "m"};
  std::string all;
  for (const Reply& reply : kReplies) {
    all += std::to_string(reply.status) + " " + base::excerpt(reply.body, 90) + "\n";
    all += describe(kit::error_from_reply(reply.body, reply.status, reply.status == 429 ? "30" : "", facts)) +
           "\n";
  }
  check_golden("errors/server_errors.txt", all);
}

TEST_CASE("a good reply holds no fault", "[errors]") {
  CHECK_FALSE(kit::find_fault(Value::object({{"data", Value::array()}})));
  CHECK_FALSE(kit::find_fault(Value::object({{"error", nullptr}, {"choices", Value::array()}})));
  CHECK(kit::find_fault(Value::object({{"error", "x"}, {"data", Value::array()}})));
}

TEST_CASE("a Retry-After counts in seconds or as a date, and as nothing when it is neither", "[errors]") {
  const kit::RequestFacts facts{.base_url = "http://host:1", .model = "m"};
  const auto wait = [&](std::string_view header) {
    return kit::error_from_reply("", 429, header, facts).detail["retry_after_ms"].as_integer(-1);
  };
  CHECK(wait("30") == 30'000);
  CHECK(wait("0") == 0);
  CHECK(wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0);
  for (const char* header : {"", "soon", "-1"}) {
    INFO(header);
    CHECK(wait(header) == -1);
  }
}

TEST_CASE("a server's own failure may pass, a load that failed would only fail again", "[errors]") {
  const kit::RequestFacts facts{.base_url = "http://host:1", .model = "m"};
  CHECK(kit::error_from_reply(R"({"error":"Something broke"})", 500, "", facts).retryable);
  CHECK(kit::error_from_reply("<!DOCTYPE html><html></html>", 500, "", facts).retryable);
  CHECK_FALSE(
      kit::error_from_reply(R"({"error":{"type":"model_load_failed","message":"Failed to load model"}})", 500,
                            "", facts)
          .retryable);
  CHECK_FALSE(kit::error_from_reply(R"({"error":"Something broke"})", 400, "", facts).retryable);
}
