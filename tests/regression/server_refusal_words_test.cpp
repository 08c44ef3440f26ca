// SPDX-License-Identifier: MIT
// A prompt beyond the context, and messages that a template refuses, were a `protocol` error with status 500,
// which is asked again, or an `invalid_argument` without a hint, in all words but LM Studio's.
#include <string>
#include <vector>

#include "common/errors/server_error.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const kit::RequestFacts kFacts{.base_url = "http://host:1", .model = "m"};

struct Refusal {
  int status;
  const char* words;
};

const std::vector<Refusal> kTooLong{
    // llama.cpp's server
    {500, "Context size has been exceeded."},
    {400, "the request exceeds the available context size (4096 tokens), try increasing it"},
    {500,
     "input (9000 tokens) is too large to process. increase the physical batch size (current batch size: "
     "512)"},
    {400, "request (5120 tokens) exceeds the available context size (4096 tokens), try increasing it"},
    // LM Studio
    {400,
     "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with "
     "context "
     "length of only 4096 tokens, which is not enough."},
    {400, "The number of tokens to keep from the initial prompt is greater than the context length."},
    {400,
     "Reached context length of 4096 tokens, but this model does not support mid-generation context "
     "overflow"},
    // Ollama
    {400, "the input length exceeds the context length"},
    {500, "input length exceeds maximum context length"},
    {400, "prompt too long; exceeded max context length by 812 tokens"},
    // SGLang
    {400, "The input (9000 tokens) is longer than the model's context length (4096 tokens)."},
    {400,
     "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total "
     "of "
     "9000 tokens"},
    {400,
     "Input length (9000 tokens) exceeds the maximum allowed length (4090 tokens). Use a shorter input or "
     "enable "
     "--allow-auto-truncate."},
    // vLLM
    {400,
     "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens in the "
     "messages, "
     "Please reduce the length of the messages."},
    {400, "The decoder prompt (length 9000) is longer than the maximum model length of 4096."},
    {400, "The prompt (total length 9000) is too long to fit into the model (context length 4096)."},
    {400,
     "You passed 9000 input tokens and requested 100 output tokens. However, the model's context length is "
     "only "
     "4096 tokens, resulting in a maximum input length of 3996 tokens."},
    {500, "The engine prompt length 9000 exceeds the max_model_len 4096. Please reduce prompt."},
    // text-generation-inference, llama-cpp-python, TabbyAPI, MLC, TensorRT-LLM
    {422, "Input validation error: `inputs` must have less than 4095 tokens. Given: 9000"},
    {422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 and 20"},
    {500, "Requested tokens (9000) exceed context window of 4096"},
    {400, "Prompt length 9000 is greater than max_seq_len 4096"},
    {400, "Request prompt has 9000 tokens in total, larger than the model input length limit 4096."},
    {500, "Prompt length (9000) exceeds maximum input length (4096)."},
    // hosted services
    {400, "prompt is too long: 210000 tokens > 200000 maximum"},
    {400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"},
    {400, "Please reduce the length of the messages or completion."},
    {400, "Input is too long for requested model."},
    {400, "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."},
    {400, "too many tokens: total number of tokens in the prompt cannot exceed 4081"},
    {400,
     "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context "
     "length"},
};

const std::vector<Refusal> kTemplates{
    // templates, as llama.cpp's, LM Studio's and vLLM's servers pass them on
    {500, "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/..."},
    {500, "Jinja Exception: System role not supported"},
    {400, "Conversation roles must alternate user/assistant/user/assistant/..."},
    {400, "Only user and assistant roles are supported!"},
    {500, "After the optional system message, conversation roles must alternate user and assistant roles"},
    {400, "No user query found in messages."},
    {400, "Error rendering prompt with jinja template: \"Cannot call something that is not a function\""},
    // llama.cpp's server
    {400, "Cannot have 2 or more assistant messages at the end of the list."},
    {500,
     "Unable to generate parser for this template. Automatic parser generation failed: \n------------\nWhile "
     "executing CallExpression at line 12, column 4 in source:\n{{- raise_exception('x') }}"},
    {500, "Value is not callable: null at row 1, column 72:\n{%- if tools %}"},
    // Mistral's API and tokenizer
    {400, "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"},
    {400, "Unexpected role 'system' after role 'user'"},
    {400, "Not the same number of function calls and responses"},
    // vLLM, SGLang, transformers
    {400,
     "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat "
     "template"},
    {400, "Failed to apply chat template: the last message must come from the user role"},
    {400, "system role is not supported by this model"},
};

// What only resembles one of those.
struct Other {
  ErrorCode code;
  int status;
  const char* words;
};
const std::vector<Other> kOthers{
    {ErrorCode::protocol, 500, "context deadline exceeded"},
    {ErrorCode::rate_limited, 429, "Request too large: input tokens per minute exceeded"},
    {ErrorCode::protocol, 500, "quota of input tokens exceeded"},
    {ErrorCode::insufficient_memory, 500, "failed to allocate buffer for kv cache: context too large"},
    {ErrorCode::invalid_argument, 400,
     "max_tokens is too large: 99999. This model supports at most 4096 completion "
     "tokens"},
    {ErrorCode::forbidden, 403, "the role of this user does not support messages"},
    {ErrorCode::overloaded, 503, "Loading model"},
    {ErrorCode::invalid_argument, 400, "tools are not supported by this model"},
    {ErrorCode::invalid_argument, 400, "This model does not take images: vision is not available"},
    {ErrorCode::invalid_argument, 400, "temperature must be at most 2 for this model"},
    {ErrorCode::rate_limited, 429, "Your API key has used up its quota"},
};

Error from_words(int status, const char* words) {
  return kit::error_from_fault({words, "server_error"}, status, "", kFacts);
}

}  // namespace

TEST_CASE("a prompt beyond the context is that in every server's words, and is asked once", "[errors]") {
  for (const Refusal& each : kTooLong) {
    INFO(each.words);
    for (const int status : {each.status, 200, 500}) {
      const Error error = from_words(status, each.words);
      CHECK(to_string(error.code) == to_string(ErrorCode::context_too_long));
      CHECK_FALSE(error.retryable);
      CHECK_THAT(error.hint, ContainsSubstring("shorten the prompt"));
    }
  }
}

TEST_CASE("messages that a template refuses are the request's fault, with a hint, and are asked once",
          "[errors]") {
  for (const Refusal& each : kTemplates) {
    INFO(each.words);
    for (const int status : {each.status, 200, 500}) {
      const Error error = from_words(status, each.words);
      CHECK(to_string(error.code) == to_string(ErrorCode::invalid_argument));
      CHECK_FALSE(error.retryable);
      CHECK_THAT(error.hint, ContainsSubstring("roles"));
    }
  }
}

TEST_CASE("what resembles these refusals stays what it is", "[errors]") {
  for (const Other& each : kOthers) {
    INFO(each.words);
    CHECK(to_string(from_words(each.status, each.words).code) == to_string(each.code));
  }
}

TEST_CASE("a Retry-After of any length is what the server asked for", "[errors]") {
  const auto wait = [](const char* header) {
    return kit::error_from_reply("", 503, header, kFacts).detail["retry_after_ms"].as_integer(-1);
  };
  CHECK(wait("172800") == 172'800'000);
  CHECK(wait("1.5") == 1'500);
  constexpr std::int64_t kYear = std::int64_t{365} * 86'400'000;
  for (const char* far : {"99999999999999999999", "1e400", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    INFO(far);
    CHECK(wait(far) > 30 * kYear);
  }
  for (const char* none : {"", "soon", "-1", "nan", "30 s"}) {
    INFO(none);
    CHECK(wait(none) == -1);
  }
}
